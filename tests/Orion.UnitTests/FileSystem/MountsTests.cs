using Orion.Infrastructure.FileSystem;

namespace Orion.UnitTests.FileSystem;

public class MountsTests
{
    private static readonly string[] Table =
    [
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
        "40 22 0:50 / /data rw shared:2 - nfs4 nas.example.com:/export rw,vers=4.2",
        @"41 22 0:51 / /mnt/two\040words rw - cifs //nas/share rw",
        "42 22 0:52 / /mnt/sshfs rw - fuse.sshfs host:/ rw",
        "43 22 0:53 / /mnt/layer rw - fuse.fuse-overlayfs fuse-overlayfs rw",
        "44 40 8:2 / /data/local rw master:3 - xfs /dev/sdb1 rw",
        "45 22 0:54 / /mnt/host rw - 9p share rw",
        "46 22 0:55 / /mnt/host rw - ext4 /dev/sdc1 rw",
    ];

    [Theory]
    [InlineData("/data/orion.db", "nfs4")]
    [InlineData("/data/deep/er/orion.db", "nfs4")]
    [InlineData("/database/orion.db", null)]
    [InlineData("/data/local/orion.db", null)]
    [InlineData("/mnt/two words/orion.db", "cifs")]
    [InlineData("/mnt/sshfs/orion.db", "fuse.sshfs")]
    [InlineData("/mnt/layer/orion.db", null)]
    [InlineData("/mnt/host/orion.db", null)]
    [InlineData("/var/lib/orion/orion.db", null)]
    public void The_innermost_mount_determines_whether_a_file_is_on_a_network(string path, string? kind) =>
        Assert.Equal(kind, Mounts.NetworkFileSystemOf(path, Table));

    [Fact]
    public void A_local_file_is_not_on_a_network()
    {
        using var place = TestConfiguration.Working().With("ORION_DATA_DIR", "data").With("DATABASE_URL", "sqlite:orion.db");

        Assert.Null(place.Settings().Database.NetworkFileSystem);
    }
}
