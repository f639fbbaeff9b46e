using Orion.Infrastructure.Configuration.Rules;

namespace Orion.UnitTests.Configuration;

public class OriginRuleTests
{
    [Theory]
    [InlineData("https://chat.example.com")]
    [InlineData("https://chat.example.com:8443")]
    [InlineData("https://xn--bcher-kva.example.com")]
    [InlineData("https://my_host.example.com")]
    [InlineData("https://203.0.113.7")]
    [InlineData("https://[2001:db8::1]:8443")]
    [InlineData("https://[::ffff:7f00:1]")]
    [InlineData("https://a:80")]
    [InlineData("http://localhost:3000")]
    [InlineData("http://localhost")]
    [InlineData("http://app.localhost:3000")]
    [InlineData("http://127.0.0.1:3000")]
    [InlineData("http://127.9.9.9")]
    [InlineData("http://[::1]:3000")]
    [InlineData("http://localhost:443")]
    [InlineData("https://app.example.")]
    [InlineData("https://chat.example.com.:8443")]
    [InlineData("tauri://localhost")]
    [InlineData("capacitor://localhost")]
    [InlineData("ionic://localhost")]
    [InlineData("app://obsidian.md")]
    [InlineData("app://-")]
    [InlineData("app://localhost:443")]
    [InlineData("chrome-extension://abcdefghijklmnop")]
    [InlineData("moz-extension://2f1e8a1c-5d0b-4a53-9c53-0f2f6d2f9f10")]
    [InlineData("vscode-webview://0123456789")]
    public void An_origin_as_browsers_send_it_is_accepted(string origin) => Assert.Null(OriginRule.Check(origin, isDevelopment: false));

    [Theory]
    [InlineData("*")]
    [InlineData("https://*.example.com")]
    [InlineData("https://chat.example.*")]
    [InlineData("https://chat.example.com:*")]
    [InlineData("null")]
    [InlineData("NULL")]
    [InlineData("https://chat.example.com/")]
    [InlineData("https://chat.example.com/app")]
    [InlineData("https://chat.example.com?x")]
    [InlineData("https://chat.example.com#x")]
    [InlineData("https://chat.example.com\\")]
    [InlineData("https://user@chat.example.com")]
    [InlineData("https://user:password@chat.example.com")]
    [InlineData("https://Chat.example.com")]
    [InlineData("HTTPS://chat.example.com")]
    [InlineData("https://chat.example.com:443")]
    [InlineData("http://localhost:80")]
    [InlineData("https://chat.example.com:")]
    [InlineData("https://chat.example.com:0")]
    [InlineData("https://chat.example.com:08443")]
    [InlineData("https://chat.example.com:65536")]
    [InlineData("https://chat.example.com:84 43")]
    [InlineData("https://chat.example.com:+1")]
    [InlineData("https://")]
    [InlineData("https://:8443")]
    [InlineData("https://.example.com")]
    [InlineData("https://chat..example.com")]
    [InlineData("https://chat.example.com..")]
    [InlineData("https://.")]
    [InlineData("https://127.0.0.1.")]
    [InlineData("https://bücher.example.com")]
    [InlineData("https://chat.example.com\u200b")]
    [InlineData("https://chat.exa%6dple.com")]
    [InlineData("https://127.1")]
    [InlineData("https://0x7f.1")]
    [InlineData("https://2130706433")]
    [InlineData("https://256.1.1.1")]
    [InlineData("https://1.2.3.4.5")]
    [InlineData("https://[2001:db8:0::1]")]
    [InlineData("https://[2001:DB8::1]")]
    [InlineData("https://[::ffff:127.0.0.1]")]
    [InlineData("https://[fe80::1%25eth0]")]
    [InlineData("https://[::1")]
    [InlineData("https://[::1]x")]
    [InlineData("https://::1")]
    [InlineData("chat.example.com")]
    [InlineData("//chat.example.com")]
    [InlineData("https:chat.example.com")]
    [InlineData("ftp://chat.example.com")]
    [InlineData("file://")]
    [InlineData("file://localhost")]
    [InlineData("data://x")]
    [InlineData("blob://x")]
    [InlineData("about://blank")]
    [InlineData("javascript://x")]
    [InlineData("ws://chat.example.com")]
    [InlineData("capacitor://")]
    [InlineData("capacitor://localhost/")]
    [InlineData("capacitor://*")]
    [InlineData("Capacitor://localhost")]
    [InlineData("1app://localhost")]
    [InlineData("a_b://localhost")]
    [InlineData("://localhost")]
    [InlineData("https://a.example.com https://b.example.com")]
    public void Any_other_spelling_is_rejected_in_every_environment(string origin)
    {
        Assert.NotNull(OriginRule.Check(origin, isDevelopment: false));
        Assert.NotNull(OriginRule.Check(origin, isDevelopment: true));
    }

    [Theory]
    [InlineData("http://chat.example.com")]
    [InlineData("http://notlocalhost")]
    [InlineData("http://localhost.example.com")]
    [InlineData("http://192.168.1.2:3000")]
    [InlineData("http://128.0.0.1")]
    [InlineData("http://[::2]")]
    [InlineData("http://0.0.0.0:3000")]
    [InlineData("http://127.0.0.1.example.com")]
    public void In_production_plain_http_is_only_for_loopback(string origin)
    {
        Assert.NotNull(OriginRule.Check(origin, isDevelopment: false));
        Assert.Null(OriginRule.Check(origin, isDevelopment: true));
    }

    [Fact]
    public void Origins_are_a_list_with_blanks_and_duplicates_allowed_and_each_wrong_one_is_a_problem()
    {
        using var place = TestConfiguration.Working()
            .With("ALLOWED_ORIGINS", " https://a.example.com , https://b.example.com,https://a.example.com, ");
        Assert.Equal(["https://a.example.com", "https://b.example.com"], place.Settings().AllowedOrigins);

        place.With("ALLOWED_ORIGINS", "https://a.example.com,*,https://b.example.com/");
        var problems = place.Read().Problems;
        Assert.Equal(2, problems.Count);
        Assert.Contains("entry 2", problems[0].What, StringComparison.Ordinal);
        Assert.Contains("entry 3", problems[1].What, StringComparison.Ordinal);
    }
}
