using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Orion.Api.Http;
using Orion.Domain.Text;

namespace Orion.Api.Logging;

/// <summary>
/// Writes one line for each entry, in Development: time (UTC), level, category, event, request ID, message. An exception follows on
/// indented lines, so that its text cannot imitate an entry. The formatters of the framework for text do not escape values (ADR 15).
/// </summary>
internal sealed class OrionConsoleFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    internal const string FormatterName = "orion";

    private const string Indent = "      ";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (message is null && logEntry.Exception is null)
            return;

        textWriter.Write(time.GetUtcNow().ToString("HH:mm:ss.fff'Z '", CultureInfo.InvariantCulture));
        textWriter.Write(NameOf(logEntry.LogLevel));
        textWriter.Write(' ');
        textWriter.Write(logEntry.Category);
        WriteEvent(textWriter, logEntry.EventId);
        scopeProvider?.ForEachScope(WriteRequestId, textWriter);
        textWriter.Write(' ');
        textWriter.Write(UntrustedText.Escape(message));
        textWriter.Write('\n');
        if (logEntry.Exception is not null)
            WriteException(textWriter, logEntry.Exception.ToString());
    }

    private static void WriteEvent(TextWriter writer, EventId id)
    {
        if (id == default)
            return;

        writer.Write('[');
        writer.Write(id.Id);
        if (id.Name is not null)
        {
            writer.Write(' ');
            writer.Write(id.Name);
        }

        writer.Write(']');
    }

    private static void WriteRequestId(object? scope, TextWriter writer)
    {
        if (scope is not RequestIdScope request)
            return;

        writer.Write(" (");
        writer.Write(request.Id);
        writer.Write(')');
    }

    private static void WriteException(TextWriter writer, string text)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            writer.Write(Indent);
            writer.Write(UntrustedText.Escape(line));
            writer.Write('\n');
        }
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "warn ",
        LogLevel.Error => "error",
        _ => "fatal",
    };
}
