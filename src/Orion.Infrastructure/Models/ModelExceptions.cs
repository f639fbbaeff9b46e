using Orion.Application.Replies;
using Orion.Domain.Replies;

namespace Orion.Infrastructure.Models;

// One type for each failure, because the name of the type is the label "error.type" of the metrics.

/// <summary>See <see cref="ModelFailure.Refused"/>.</summary>
internal sealed class ModelRefusedException(string reason) : ModelException(ModelFailure.Refused, reason);

/// <summary>See <see cref="ModelFailure.Busy"/>.</summary>
internal sealed class ModelBusyException(string reason) : ModelException(ModelFailure.Busy, reason);

/// <summary>See <see cref="ModelFailure.Timeout"/>.</summary>
internal sealed class ModelTimeoutException(string reason) : ModelException(ModelFailure.Timeout, reason);

/// <summary>See <see cref="ModelFailure.Unavailable"/>.</summary>
internal sealed class ModelUnavailableException(string reason) : ModelException(ModelFailure.Unavailable, reason);
