using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence;

internal sealed class AuthorizedUserMapping : IEntityTypeConfiguration<AuthorizedUser>
{
    public void Configure(EntityTypeBuilder<AuthorizedUser> user)
    {
        user.ToTable("authorized_users");
        user.HasKey(entry => entry.Id);
        user.Property(entry => entry.Id).ValueGeneratedNever();
        user.HasIndex(entry => entry.Email).IsUnique();
        user.Ignore(entry => entry.IsAuthorized);
    }
}
