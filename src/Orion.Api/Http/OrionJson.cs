using System.Text.Json;
using System.Text.Json.Serialization;
using Orion.Api.Errors;
using Orion.Api.Health;
using Orion.Api.Legacy;
using Orion.Api.Messages;
using Orion.Api.Replies;
using Orion.Api.Search;
using Orion.Api.Sessions;
using Orion.Api.Tokens;
using Orion.Application.Export;
using Orion.Application.Replies;
using Orion.Application.Sessions;
using Orion.Application.Tokens;
using Orion.Application.Users;
using Orion.Domain.Sessions;

namespace Orion.Api.Http;

/// <summary>The JSON of responses: camelCase, times in UTC with microseconds, metadata unchanged.</summary>
[JsonSerializable(typeof(SessionView))]
[JsonSerializable(typeof(MessageView))]
[JsonSerializable(typeof(SessionsResponse))]
[JsonSerializable(typeof(MessagesResponse))]
[JsonSerializable(typeof(DeletedResponse))]
[JsonSerializable(typeof(MeView))]
[JsonSerializable(typeof(SessionTokenView))]
[JsonSerializable(typeof(MintTokenRequest))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(StatusResponse))]
[JsonSerializable(typeof(ServiceResponse))]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(CreateSessionRequest))]
[JsonSerializable(typeof(UpdateSessionRequest))]
[JsonSerializable(typeof(AppendMessageRequest))]
[JsonSerializable(typeof(LegacyCreateRequest))]
[JsonSerializable(typeof(LegacySaveMessageRequest))]
[JsonSerializable(typeof(LegacyDeleteRequest))]
[JsonSerializable(typeof(LegacyChatRequest))]
[JsonSerializable(typeof(CreateReplyRequest))]
[JsonSerializable(typeof(ReplyView))]
[JsonSerializable(typeof(ModelsResponse))]
[JsonSerializable(typeof(SearchResponse))]
internal sealed partial class OrionJson : JsonSerializerContext
{
    /// <summary>The serializer of all responses.</summary>
    internal static OrionJson Responses { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = MinimalJsonEncoder.Instance,
        Converters = { new InstantConverter(), new MetadataConverter() },
    });
}

/// <summary>Metadata as the text that was received.</summary>
internal sealed class MetadataConverter : JsonConverter<Metadata>
{
    public override Metadata Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var value = JsonDocument.ParseValue(ref reader);
        return Metadata.From(value.RootElement.GetRawText());
    }

    public override void Write(Utf8JsonWriter writer, Metadata value, JsonSerializerOptions options) =>
        // It was validated before it was stored.
        writer.WriteRawValue(value.Json, skipInputValidation: true);
}
