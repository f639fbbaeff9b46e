using Orion.Infrastructure.Persistence.Postgres;

namespace Orion.UnitTests.Backups;

public sealed class DumpedRowsTests
{
    [Fact]
    public async Task The_rows_of_each_table_are_counted_whatever_they_contain()
    {
        const string script = """
            CREATE TABLE public.sessions (
                id uuid NOT NULL
            );
            CREATE TABLE other."A ""b"" c.d" (
                id integer
            );
            CREATE TABLE public.empty (
            );
            COPY public.sessions (id, title) FROM stdin;
            1\tCOPY public.sessions (id) FROM stdin;
            2\t\\.
            \\.\t
            \.


            COPY other."A ""b"" c.d" (id) FROM stdin;
            1
            \.
            """;

        var rows = await DumpedRows.Count(new StringReader(script), TestContext.Current.CancellationToken);

        Assert.Equal(new Dictionary<string, long> { ["sessions"] = 3, ["""other.A "b" c.d"""] = 1, ["empty"] = 0 }, rows);
    }
}
