using System.Globalization;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orion.Domain.Sessions;
using Orion.Infrastructure.Persistence;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>The stored properties of a session according to the mapping, so that a new one is part of the tests by itself.</summary>
internal static class StoredProperties
{
    internal static IReadOnlyList<PropertyInfo> OfSession(OrionServer server)
    {
        using var scope = server.Services.CreateScope();
        var context = scope.ServiceProvider.GetRequiredService<OrionDbContext>();
        return [.. context.Model.FindEntityType(typeof(Session))!.GetProperties().Select(property => property.PropertyInfo).OfType<PropertyInfo>()];
    }

    /// <summary>Fails with the name of each property that differs.</summary>
    /// <param name="properties">The properties to compare.</param>
    /// <param name="expected">The session as it should be.</param>
    /// <param name="actual">The session as it is.</param>
    /// <param name="lost">Where a property got lost, and what to change.</param>
    internal static void ShouldBeSame(this IEnumerable<PropertyInfo> properties, Session expected, Session actual, string lost)
    {
        var different = properties
            .Select(property => (property.Name, Expected: property.GetValue(expected), Actual: property.GetValue(actual)))
            .Where(property => !Equals(property.Expected, property.Actual))
            .Select(property => $"{property.Name} is {Text(property.Actual)} instead of {Text(property.Expected)}.")
            .ToList();
        Assert.True(different.Count == 0, $"{string.Join('\n', different)}\n{lost}");

        static string Text(object? value) => value is DateTimeOffset at ? at.ToString("O", CultureInfo.InvariantCulture) : $"{value ?? "null"}";
    }

    /// <summary>The session as EF Core reads it.</summary>
    internal static async Task<Session> ReadSession(OrionServer server, SessionId id)
    {
        await using var scope = server.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<OrionDbContext>();
        return await context.Sessions.AsNoTracking().SingleAsync(session => session.Id == id, TestContext.Current.CancellationToken);
    }

    /// <summary>A value that no session has by itself.</summary>
    internal static object Sample(PropertyInfo property, int number) => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) switch
    {
        // In the future, so that no session has expired.
        var type when type == typeof(DateTimeOffset) => new DateTimeOffset(2125, 1, 2, 3, 4, number, 678, 901, TimeSpan.Zero),
        var type when type == typeof(string) => $"Sample {number}",
        var type when type == typeof(int) => 1000 + number,
        var type when type == typeof(long) => 1000L + number,
        var type when type == typeof(bool) => number % 2 == 1,
        var type when type == typeof(SessionTitle) => SessionTitle.From($"Title {number}"),
        var type when type == typeof(Metadata) => Metadata.From($$"""{"sample":{{number}}}"""),
        var type => throw new NotSupportedException($"Add a sample of {type.Name}."),
    };
}
