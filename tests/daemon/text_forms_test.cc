#include "daemon/config/text_forms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "daemon/config/quoted.h"

namespace signinwatch {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TextForms, TakeWhatHasTheForm) {
  const std::string host253 = std::string(253, 'h');
  const struct {
    TextForm form;
    std::string text;
    std::string want;  // empty: as it is
  } cases[] = {
      {TextForm::kPlain, "$ConnectionString", ""},
      {TextForm::kPlain, std::string(1'000, 'x'), ""},
      {TextForm::kName, "soc", ""},
      {TextForm::kName, "a_b-9", ""},
      {TextForm::kName, std::string(63, 'n'), ""},
      {TextForm::kPath, "/var/lib/x.db", ""},
      {TextForm::kPath, "x", ""},
      {TextForm::kPath, "/with blank/\xc3\xa4", ""},
      {TextForm::kTopic, "Insights.logs_sign-ins9", ""},
      {TextForm::kTopic, "...", ""},
      {TextForm::kTopic, std::string(249, 't'), ""},
      {TextForm::kBrokers, "localhost:9092", ""},
      {TextForm::kBrokers, "a:1,b.c-d_e:65535,[::1]:9093,10.0.0.1:1", ""},
      {TextForm::kBrokers, "a:1, b:2", "a:1,b:2"},
      {TextForm::kBrokers, host253 + ":1", ""},
      {TextForm::kListen, "127.0.0.1:9532", ""},
      {TextForm::kListen, "0.0.0.0:0", ""},
      {TextForm::kListen, "[::]:9532", ""},
      {TextForm::kListen, "localhost:1", ""},
      {TextForm::kServer, "siem.contoso.example:6514", ""},
      {TextForm::kServer, "[::1]:514", ""},
      {TextForm::kUrl, "https://h", ""},
      {TextForm::kUrl, "https://h.example:8443/a/b?c=d&e=%20@f", ""},
      {TextForm::kUrl, "https://[2001:db8::1]:1/", ""},
      {TextForm::kUrl, "http://localhost:8080/x", ""},
      {TextForm::kUrl, "http://127.0.0.1", ""},
      {TextForm::kUrl, "http://127.1.2.3:1", ""},
      {TextForm::kUrl, "http://[::1]:8080/", ""},
      {TextForm::kPostgresUrl, "postgresql://signinwatch@db/signinwatch", ""},
      {TextForm::kPostgresUrl, "postgres://u@a:5432,b:5432/d?sslmode=verify-ca", ""},
      {TextForm::kPostgresUrl, "postgresql:///d?host=%2Frun%2Fpostgresql", ""},
      {TextForm::kExternalUrl, "https://h", ""},
      {TextForm::kTemplate, "{{severity}}:\n{{ title }}", ""},
      {TextForm::kExternalUrl, "http://soc.contoso.example:8080", ""},
      {TextForm::kExternalUrl, "https://h/", "https://h"},
      {TextForm::kExternalUrl, "https://h/signinwatch//", "https://h/signinwatch"},
  };
  for (const auto& c : cases) {
    std::string fault;
    const auto value = ReadForm(c.form, c.text, &fault);
    ASSERT_TRUE(value.has_value()) << c.text << ": " << fault;
    EXPECT_EQ(*value, c.want.empty() ? c.text : c.want);
  }
}

TEST(TextForms, RefuseWhatHasNot) {
  const struct {
    TextForm form;
    std::string text;
    std::string fault;
  } cases[] = {
      {TextForm::kPlain, "", "empty"},
      {TextForm::kPlain, "a\nb", "too long, or has control characters"},
      {TextForm::kPlain, std::string(1'001, 'x'), "too long, or has control characters"},
      {TextForm::kName, "", "''"},
      {TextForm::kName, "SOC", "'SOC'"},
      {TextForm::kName, "a b", "'a b'"},
      {TextForm::kName, "a.b", "'a.b'"},
      {TextForm::kName, std::string(64, 'n'), Quoted(std::string(64, 'n'))},
      {TextForm::kPath, "", "''"},
      {TextForm::kPath, "/var/", "'/var/'"},
      {TextForm::kPath, "a\tb", "'a b'"},
      {TextForm::kTopic, ".", "'.'"},
      {TextForm::kTopic, "..", "'..'"},
      {TextForm::kTopic, "^a.*", "'^a.*'"},
      {TextForm::kTopic, "a b", "'a b'"},
      {TextForm::kTopic, std::string(250, 't'), Quoted(std::string(250, 't'))},
      {TextForm::kBrokers, "", "empty"},
      {TextForm::kBrokers, " ", "empty"},
      {TextForm::kBrokers, std::string(4'097, 'h'), "too long"},
      {TextForm::kBrokers, "h", "not usable: entry 1 has no port"},
      {TextForm::kBrokers, "[::1]", "not usable: entry 1 has no port"},
      {TextForm::kBrokers, "::1:9092", "not usable: entry 1 has no usable host"},
      {TextForm::kBrokers, "[::1:9092", "not usable: entry 1 has no usable host"},
      {TextForm::kBrokers, "[x::]:1", "not usable: entry 1 has no usable host"},
      {TextForm::kBrokers, "a:1,:2", "not usable: entry 2 has no usable host"},
      {TextForm::kBrokers, "a:1,", "not usable: entry 2 has no usable host"},
      {TextForm::kBrokers, "SASL_SSL://a:1", "not usable: entry 1 has no usable host"},
      {TextForm::kBrokers, "-a:1", "not usable: entry 1 has no usable host"},
      {TextForm::kBrokers, std::string(254, 'h') + ":1", "not usable: entry 1 has no usable host"},
      {TextForm::kBrokers, "a:0", "not usable: entry 1 has no usable port"},
      {TextForm::kBrokers, "a:65536", "not usable: entry 1 has no usable port"},
      {TextForm::kBrokers, "a:1x", "not usable: entry 1 has no usable port"},
      {TextForm::kBrokers, "a:", "not usable: entry 1 has no usable port"},
      {TextForm::kBrokers, "a:-1", "not usable: entry 1 has no usable port"},
      {TextForm::kListen, "9532", "'9532'"},
      {TextForm::kServer, "siem", "'siem'"},
      {TextForm::kServer, "siem:0", "'siem:0'"},
      {TextForm::kListen, ":9532", "':9532'"},
      {TextForm::kListen, "127.0.0.1", "'127.0.0.1'"},
      {TextForm::kListen, "h:65536", "'h:65536'"},
      {TextForm::kUrl, "", "not usable: it does not start with https://"},
      {TextForm::kUrl, "ftp://h", "not usable: it does not start with https://"},
      {TextForm::kUrl, "HTTPS://h", "not usable: it does not start with https://"},
      {TextForm::kUrl, "https://" + std::string(2'000, 'h'), "too long"},
      {TextForm::kUrl, "https://", "not usable: it has no usable host"},
      {TextForm::kUrl, "https:///x", "not usable: it has no usable host"},
      {TextForm::kUrl, "https://h:0", "not usable: it has no usable port"},
      {TextForm::kUrl, "https://h:x/", "not usable: it has no usable port"},
      {TextForm::kUrl, "https://u:p@h/", "not usable: it has a user name or password in it"},
      {TextForm::kUrl, "http://127.0.0.1@h/", "not usable: it has a user name or password in it"},
      {TextForm::kUrl, "https://h/a b",
       "not usable: it has characters that a URL writes as %XX, or a fragment"},
      {TextForm::kUrl, "https://h/#x",
       "not usable: it has characters that a URL writes as %XX, or a fragment"},
      {TextForm::kUrl, "https://h\\@e/",
       "not usable: it has characters that a URL writes as %XX, or a fragment"},
      {TextForm::kUrl, "https://h/\xc3\xa4",
       "not usable: it has characters that a URL writes as %XX, or a fragment"},
      {TextForm::kUrl, "http://h",
       "not usable: what goes to another machine by http can be read and changed on the way"},
      {TextForm::kUrl, "http://127.0.0.1.example.com/",
       "not usable: what goes to another machine by http can be read and changed on the way"},
      {TextForm::kUrl, "http://localhost.example.com/",
       "not usable: what goes to another machine by http can be read and changed on the way"},
      {TextForm::kUrl, "http://127.1/",
       "not usable: what goes to another machine by http can be read and changed on the way"},
      {TextForm::kPostgresUrl, "https://h/", "not usable: it does not start with postgresql://"},
      {TextForm::kPostgresUrl, "postgresql://u:p@h/d",
       "not usable: it has a password in it, which belongs to store.password"},
      {TextForm::kPostgresUrl, "postgresql://u@h/d?password=p",
       "not usable: it has a password in it, which belongs to store.password"},
      {TextForm::kPostgresUrl, "postgresql://u@h/a b",
       "not usable: it has characters that a URL writes as %XX"},
      {TextForm::kExternalUrl, "soc.contoso.example",
       "not usable: it does not start with https://"},
      {TextForm::kExternalUrl, "javascript:alert(1)",
       "not usable: it does not start with https://"},
      {TextForm::kExternalUrl, "https://u:p@h/",
       "not usable: it has a user name or password in it"},
      {TextForm::kExternalUrl, "https://h/?x=1", "not usable: it has a query"},
      {TextForm::kTemplate, "{{sevrity}}", "not usable: 'sevrity' is no field of a ticket"},
      {TextForm::kTemplate, "{{{title}}}", "not usable: '{{{' is logic"},
      {TextForm::kExternalUrl, "https://h/#x",
       "not usable: it has characters that a URL writes as %XX, or a fragment"},
      {TextForm::kExternalUrl, "https:///", "not usable: it has no usable host"},
  };
  for (const auto& c : cases) {
    std::string fault;
    EXPECT_FALSE(ReadForm(c.form, c.text, &fault).has_value()) << c.text;
    EXPECT_EQ(fault, c.fault) << c.text;
    EXPECT_FALSE(AllowedForm(c.form).empty());
  }
}

TEST(TextForms, ReferencesToSecrets) {
  const struct {
    const char* text;
    SecretRef::From from;
    const char* name;
  } cases[] = {
      {"env:NAME", SecretRef::From::kEnvironment, "NAME"},
      {"env:_a9", SecretRef::From::kEnvironment, "_a9"},
      {"file:/run/secrets/x", SecretRef::From::kFile, "/run/secrets/x"},
      {"file:relative", SecretRef::From::kFile, "relative"},
      {"file:env:NAME", SecretRef::From::kFile, "env:NAME"},
  };
  for (const auto& c : cases) {
    const auto secret = ParseSecretRef(c.text);
    ASSERT_TRUE(secret.has_value()) << c.text;
    EXPECT_EQ(secret->from, c.from) << c.text;
    EXPECT_EQ(secret->name, c.name);
  }
  for (const char* text : {"", "env:", "file:", "env:9a", "env:a b", "env:a=b", "ENV:a", " env:a",
                           "file:/x/", "NAME", "/run/secrets/x", "env"}) {
    EXPECT_EQ(ParseSecretRef(text), std::nullopt) << text;
  }
}

TEST(TextForms, HostsOfBrokers) {
  EXPECT_EQ(FirstBrokerHost("A.b:1,c:2"), "a.b");
  EXPECT_EQ(FirstBrokerHost("[::1]:9092"), "[::1]");
  EXPECT_EQ(FirstBrokerHost(""), "");
  EXPECT_TRUE(IsEventHubs("contoso.servicebus.windows.net"));
  EXPECT_TRUE(IsEventHubs("contoso.servicebus.usgovcloudapi.net"));
  EXPECT_TRUE(IsEventHubs("contoso.servicebus.chinacloudapi.cn"));
  EXPECT_FALSE(IsEventHubs("contoso.servicebus.windows.net.example.com"));
  EXPECT_FALSE(IsEventHubs("servicebus.windows.net"));
  EXPECT_FALSE(IsEventHubs("localhost"));
}

TEST(TextForms, WhereEntraGivesTokens) {
  EXPECT_EQ(EntraAuthority("a.servicebus.windows.net"), "https://login.microsoftonline.com");
  EXPECT_EQ(EntraAuthority("kafka.example.com"), "https://login.microsoftonline.com");
  EXPECT_EQ(EntraAuthority("a.servicebus.usgovcloudapi.net"), "https://login.microsoftonline.us");
  EXPECT_EQ(EntraAuthority("a.servicebus.chinacloudapi.cn"),
            "https://login.partner.microsoftonline.cn");
  EXPECT_EQ(EntraTokenEndpoint("https://h", "t"), "https://h/t/oauth2/v2.0/token");
  EXPECT_EQ(EntraTokenEndpoint("https://h/", "t"), "https://h/t/oauth2/v2.0/token");
  for (const char* name : {"contoso.onmicrosoft.com", "22222222-3333-4444-8555-666666666666"}) {
    EXPECT_TRUE(IsTenantName(name)) << name;
  }
  for (const char* name : {"", "a/b", "a?b", "..", "a b", "a%2f"}) {
    EXPECT_FALSE(IsTenantName(name)) << name;
  }
}

TEST(Quoted, IsShortAndOnOneLine) {
  EXPECT_EQ(Quoted("a\nb\x7f"), "'a b '");
  EXPECT_EQ(Quoted(std::string(60, 'x')), "'" + std::string(60, 'x') + "'");
  EXPECT_EQ(Quoted(std::string(61, 'x')), "'" + std::string(60, 'x') + "...'");
  EXPECT_TRUE(IsShownText("\xc3\xa4", 2));
  EXPECT_FALSE(IsShownText("\xc3\xa4", 1));
  EXPECT_FALSE(IsShownText("", 9));
  EXPECT_FALSE(IsShownText("\x7f", 9));
}

}  // namespace
}  // namespace signinwatch
