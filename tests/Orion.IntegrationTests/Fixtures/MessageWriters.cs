using System.Collections.Concurrent;
using System.Globalization;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>Clients that append messages without a pause, each to its own session, and record the responses.</summary>
internal sealed class MessageWriters : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly OrionServer _server;
    private readonly IReadOnlyList<string> _sessions;
    private readonly ConcurrentBag<(string Session, string Message)> _acknowledged = [];
    private readonly ConcurrentBag<ApiResponse> _failed = [];
    private readonly Task _writing;

    private MessageWriters(OrionServer server, IReadOnlyList<string> sessions)
    {
        _server = server;
        _sessions = sessions;
        _writing = Task.WhenAll(sessions.Select(session => Task.Run(() => Write(session))));
    }

    /// <summary>How many messages got 201.</summary>
    public int Acknowledged => _acknowledged.Count;

    /// <summary>All other responses.</summary>
    public IReadOnlyCollection<ApiResponse> Failed => _failed;

    public static async Task<MessageWriters> Start(OrionServer server, int count) =>
        new(server, await Task.WhenAll(Enumerable.Range(0, count).Select(_ => server.Api.Create())));

    /// <summary>Waits until this many more messages have been acknowledged.</summary>
    public Task Write(int more)
    {
        var before = Acknowledged;
        return Eventually.Until(() => _writing.IsCompleted || Acknowledged >= before + more, $"The service accepts no more messages: {_failed.Count} requests failed.");
    }

    /// <summary>Stops the clients, and asserts that no acknowledged message is lost and that no message is stored in part.</summary>
    public async Task ShouldHaveLostNothing(PostgresDatabase database)
    {
        await _stopping.CancelAsync();
        await _writing;
        Assert.All(_failed, response => response.ShouldBeUnavailable());
        foreach (var session in _sessions)
        {
            var rows = await database.Query("SELECT sequence, id FROM messages WHERE session_id = @p0 ORDER BY sequence", Guid.Parse(session));
            Assert.Equal(Enumerable.Range(1, rows.Count).Select(n => n.ToString(CultureInfo.InvariantCulture)), rows.Select(row => row.Split('|')[0]));
            Assert.Equal(rows.Count, (await _server.Api.Session(session)).GetProperty("messageCount").GetInt32());
            Assert.Empty(_acknowledged.Where(one => one.Session == session).Select(one => one.Message).Except(rows.Select(row => row.Split('|')[1])));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAny(_writing);
        _stopping.Dispose();
    }

    private async Task Write(string session)
    {
        while (!_stopping.IsCancellationRequested)
        {
            var response = await _server.Api.Post($"/api/sessions/{session}/messages", new { role = "user", content = "x" });
            if (response.Status == 201) _acknowledged.Add((session, response.Text("id")));
            else _failed.Add(response);
        }
    }
}
