using Microsoft.Extensions.DependencyInjection;
using Orion.Application.Replies;

namespace Orion.Infrastructure.Replies;

internal static class ReplyServices
{
    internal static void AddReplies(this IServiceCollection services)
    {
        services.AddSingleton<RunningReplies>();
        services.AddSingleton<ReplyMetrics>();
        services.AddSingleton<IReplyCounter>(provider => provider.GetRequiredService<ReplyMetrics>());
        services.AddSingleton<ReplyRunner>();
        services.AddSingleton<IReplyRunner>(provider => provider.GetRequiredService<ReplyRunner>());
        services.AddSingleton<ReplyFollower>();
        services.AddSingleton<IReplyStreams, ReplyStreams>();
        services.AddSingleton<CallerAccessWatch>();
        services.AddSingleton<ICallerAccessWatch>(provider => provider.GetRequiredService<CallerAccessWatch>());
    }

    /// <summary>Adds the workers. They stop in the opposite order: the writer after the last reply has ended.</summary>
    internal static IServiceCollection AddReplyWorkers(this IServiceCollection services) => services
        .AddHostedService<FrameWriter>()
        .AddHostedService<AbandonedReplies>()
        .AddHostedService<FrameCleanup>()
        .AddHostedService(provider => provider.GetRequiredService<CallerAccessWatch>())
        .AddHostedService(provider => provider.GetRequiredService<ReplyFollower>())
        .AddHostedService(provider => provider.GetRequiredService<ReplyRunner>());
}
