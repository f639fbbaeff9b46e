using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Orion.Api.Http;

namespace Orion.Api.OpenApi;

/// <summary>Metadata of a route: its response with status 200 can be a stream.</summary>
/// <param name="MediaType">The media type of the stream.</param>
/// <param name="Description">Its contents.</param>
internal record StreamResponse(string MediaType, string Description)
{
    internal static Task Add(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<StreamResponse>().FirstOrDefault() is { } stream)
        {
            var response = (OpenApiResponse)operation.Responses!["200"];
            response.Content ??= new Dictionary<string, OpenApiMediaType>();
            response.Content[stream.MediaType] = new OpenApiMediaType
            {
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, Description = stream.Description },
            };
        }

        return Task.CompletedTask;
    }
}

/// <summary>The stream consists of server-sent events.</summary>
/// <param name="Description">The events.</param>
internal sealed record EventStreamResponse(string Description) : StreamResponse(EventStream.MediaType, Description);
