using Orion.Domain.Replies;

namespace Orion.Application.Replies;

/// <summary>The model that writes replies.</summary>
public interface IModelClient
{
    /// <summary>The names of the models; the first is the default. Empty if no model is configured.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Asks the model once, and streams what it writes. The last update is <see cref="ModelUpdate.Finished"/>.</summary>
    /// <param name="model">One of <see cref="Names"/>.</param>
    /// <param name="messages">The conversation, oldest first.</param>
    /// <param name="cancellationToken">Ends the request to the model at once.</param>
    /// <exception cref="ModelException">The model failed, or was silent for too long.</exception>
    IAsyncEnumerable<ModelUpdate> Stream(string model, IReadOnlyList<ModelMessage> messages, CancellationToken cancellationToken);
}

/// <summary>What a model writes.</summary>
public abstract record ModelUpdate
{
    /// <summary>A piece of the reply.</summary>
    /// <param name="Text">The piece. It may end in the middle of a surrogate pair.</param>
    /// <param name="IsReasoning">Whether it is reasoning, which is not part of the message.</param>
    public sealed record Delta(string Text, bool IsReasoning) : ModelUpdate;

    /// <summary>The model has finished.</summary>
    /// <param name="IsTruncated">Whether the text reached the model's limit.</param>
    /// <param name="Usage">The tokens that the provider counted; null if unknown.</param>
    public sealed record Finished(bool IsTruncated, TokenUsage? Usage) : ModelUpdate;
}

/// <summary>The author of a message to the model.</summary>
public enum ModelRole
{
    /// <summary>The operator's instructions.</summary>
    System,

    /// <summary>The user.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,
}

/// <summary>A message to the model.</summary>
/// <param name="Role">The author.</param>
/// <param name="Text">The text.</param>
public sealed record ModelMessage(ModelRole Role, string Text);

/// <summary>The model failed. The message never contains text of the provider.</summary>
/// <param name="failure">How it failed.</param>
/// <param name="reason">The reason for the operator, in Orion's own words, with the provider's status, <c>type</c> and <c>code</c>.</param>
/// <param name="cause">The cause; null for none.</param>
public class ModelException(ModelFailure failure, string reason, Exception? cause = null) : Exception(reason, cause)
{
    /// <summary>How it failed.</summary>
    public ModelFailure Failure => failure;
}
