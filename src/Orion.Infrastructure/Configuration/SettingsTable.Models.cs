namespace Orion.Infrastructure.Configuration;

/// <summary>The settings of the model and of replies.</summary>
internal static partial class SettingsTable
{
    public static readonly Setting ModelUrl = new("MODEL_URL", "Model:Url")
    {
        InDevelopment = "builtin:demo",
        Rule = "The model that writes replies: the base address of an OpenAI-compatible API ([Models](models.md)). `http:` is allowed only for " +
            "loopback, private addresses, names without a dot, and names under `.internal`, `.local` and `.svc` (a cluster's domain may follow). A " +
            "user name, a query and a fragment are not allowed. `builtin:demo` is a demonstration without a model, and is rejected in Production. " +
            "Without it, the routes of replies respond with 501 `no_model`.",
        Example = "https://api.openai.com/v1",
    };

    public static readonly Setting ModelApiKey = new("MODEL_API_KEY", "Model:ApiKey")
    {
        IsSecret = true,
        Rule = "The key that is sent to `MODEL_URL`, and nowhere else, as `Authorization: Bearer`. Without it, no `Authorization` is sent.",
        Example = "the key that the provider issued",
    };

    public static readonly Setting ModelNames = new("MODEL_NAMES", "Model:Names")
    {
        IsList = true,
        Note = "none, **required** with a `MODEL_URL` other than `builtin:demo`",
        Rule = $"The names of the models, comma-separated, as the provider spells them: at most {Rules.ModelRules.MaxNameLength} printable ASCII " +
            "characters each. The first one is the default. A client can use no other models.",
        Example = "gpt-5-mini,gpt-5",
    };

    public static readonly Setting ModelSystemPrompt = new("MODEL_SYSTEM_PROMPT", "Model:SystemPrompt")
    {
        HasFile = true,
        Rule = "The instructions that the model gets before each conversation.",
        Example = "`MODEL_SYSTEM_PROMPT='Be concise.'`, or a file: `MODEL_SYSTEM_PROMPT_FILE=/etc/orion/prompt.txt`",
    };

    public static readonly Setting ModelContextCharacters = new("MODEL_CONTEXT_CHARACTERS", "Model:ContextCharacters")
    {
        Default = "100000",
        Range = NumberRange.Characters,
        Rule = "How many characters the model is given, the system prompt included: the newest messages of the session that fit. The message that it " +
            $"replies to is always given. {NumberRange.Characters}.",
        Example = "30000",
    };

    public static readonly Setting ModelStallSeconds = new("MODEL_STALL_SECONDS", "Model:StallSeconds")
    {
        Default = "60",
        Range = NumberRange.ReplySeconds,
        Rule = "The longest silence of the model in seconds, before its first token or later. Then the reply fails with `model_timeout`: " +
            $"{NumberRange.ReplySeconds}.",
        Example = "120",
    };

    public static readonly Setting ReplyMaxSeconds = new("REPLY_MAX_SECONDS", "Replies:MaxSeconds")
    {
        Default = "600",
        Range = NumberRange.ReplySeconds,
        Rule = $"The longest time that a reply may take in seconds. Then it fails with `model_timeout`: {NumberRange.ReplySeconds}.",
        Example = "1800",
    };

    public static readonly Setting RepliesPerUser = new("REPLIES_PER_USER", "Replies:PerUser")
    {
        Default = "4",
        Range = NumberRange.Replies,
        Rule = $"The number of replies that may run at once for one user, over all instances: {NumberRange.Replies}.",
        Example = "2",
    };
}
