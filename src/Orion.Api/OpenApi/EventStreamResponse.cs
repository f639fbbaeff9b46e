using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Orion.Api.Http;

namespace Orion.Api.OpenApi;

/// <summary>Metadata of a route: its response with status 200 can be an event stream.</summary>
/// <param name="Description">The events.</param>
internal sealed record EventStreamResponse(string Description)
{
    internal static Task Add(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<EventStreamResponse>().FirstOrDefault() is { } stream)
        {
            var response = (OpenApiResponse)operation.Responses!["200"];
            response.Content ??= new Dictionary<string, OpenApiMediaType>();
            response.Content[EventStream.MediaType] = new OpenApiMediaType
            {
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, Description = stream.Description },
            };
        }

        return Task.CompletedTask;
    }
}
