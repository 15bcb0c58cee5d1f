#include "daemon/config/text_forms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "daemon/config/quoted.h"

namespace signinwatch {
namespace text_forms_test {

using testing::HasSubstr;
using testing::Not;

TEST(TextForms, TakeWhatHasTheForm) {
  const std::string host253 = std::string(253, 'h');
  const struct {
    config::TextForm form;
    std::string text;
    std::string want;  // empty: as it is
  } cases[] = {
      {config::TextForm::kPlain, "$ConnectionString", ""},
      {config::TextForm::kPlain, std::string(1'000, 'x'), ""},
      {config::TextForm::kName, "soc", ""},
      {config::TextForm::kName, "a_b-9", ""},
      {config::TextForm::kName, std::string(63, 'n'), ""},
      {config::TextForm::kPath, "/var/lib/x.db", ""},
      {config::TextForm::kPath, "x", ""},
      {config::TextForm::kPath, "/with blank/\xc3\xa4", ""},
      {config::TextForm::kTopic, "Insights.logs_sign-ins9", ""},
      {config::TextForm::kTopic, "...", ""},
      {config::TextForm::kTopic, std::string(249, 't'), ""},
      {config::TextForm::kBrokers, "localhost:9092", ""},
      {config::TextForm::kBrokers, "a:1,b.c-d_e:65535,[::1]:9093,10.0.0.1:1", ""},
      {config::TextForm::kBrokers, "a:1, b:2", "a:1,b:2"},
      {config::TextForm::kBrokers, host253 + ":1", ""},
      {config::TextForm::kListen, "127.0.0.1:9532", ""},
      {config::TextForm::kListen, "0.0.0.0:0", ""},
      {config::TextForm::kListen, "[::]:9532", ""},
      {config::TextForm::kListen, "localhost:1", ""},
      {config::TextForm::kServer, "siem.contoso.example:6514", ""},
      {config::TextForm::kServer, "[::1]:514", ""},
      {config::TextForm::kUrl, "https://h", ""},
      {config::TextForm::kUrl, "https://h.example:8443/a/b?c=d&e=%20@f", ""},
      {config::TextForm::kUrl, "https://[2001:db8::1]:1/", ""},
      {config::TextForm::kUrl, "http://localhost:8080/x", ""},
      {config::TextForm::kUrl, "http://127.0.0.1", ""},
      {config::TextForm::kUrl, "http://127.1.2.3:1", ""},
      {config::TextForm::kUrl, "http://[::1]:8080/", ""},
      {config::TextForm::kPostgresUrl, "postgresql://signinwatch@db/signinwatch", ""},
      {config::TextForm::kPostgresUrl, "postgres://u@a:5432,b:5432/d?sslmode=verify-ca", ""},
      {config::TextForm::kPostgresUrl, "postgresql:///d?host=%2Frun%2Fpostgresql", ""},
      {config::TextForm::kExternalUrl, "https://h", ""},
      {config::TextForm::kTemplate, "{{severity}}:\n{{ title }}", ""},
      {config::TextForm::kExternalUrl, "http://soc.contoso.example:8080", ""},
      {config::TextForm::kExternalUrl, "https://h/", "https://h"},
      {config::TextForm::kExternalUrl, "https://h/signinwatch//", "https://h/signinwatch"},
  };
  for (const auto& c : cases) {
    std::string fault;
    const auto value = config::ReadForm(c.form, c.text, &fault);
    ASSERT_TRUE(value.has_value()) << c.text << ": " << fault;
    EXPECT_EQ(*value, c.want.empty() ? c.text : c.want);
  }
}

TEST(TextForms, RefuseWhatHasNot) {
  const struct {
    config::TextForm form;
    std::string text;
    std::string fault;
  } cases[] = {
      {config::TextForm::kPlain, "", "empty"},
      {config::TextForm::kPlain, "a\nb", "too long, or has control characters"},
      {config::TextForm::kPlain, std::string(1'001, 'x'), "too long, or has control characters"},
      {config::TextForm::kName, "", "''"},
      {config::TextForm::kName, "SOC", "'SOC'"},
      {config::TextForm::kName, "a b", "'a b'"},
      {config::TextForm::kName, "a.b", "'a.b'"},
      {config::TextForm::kName, std::string(64, 'n'), config::Quoted(std::string(64, 'n'))},
      {config::TextForm::kPath, "", "''"},
      {config::TextForm::kPath, "/var/", "'/var/'"},
      {config::TextForm::kPath, "a\tb", "'a b'"},
      {config::TextForm::kTopic, ".", "'.'"},
      {config::TextForm::kTopic, "..", "'..'"},
      {config::TextForm::kTopic, "^a.*", "'^a.*'"},
      {config::TextForm::kTopic, "a b", "'a b'"},
      {config::TextForm::kTopic, std::string(250, 't'), config::Quoted(std::string(250, 't'))},
      {config::TextForm::kBrokers, "", "empty"},
      {config::TextForm::kBrokers, " ", "empty"},
      {config::TextForm::kBrokers, std::string(4'097, 'h'), "too long"},
      {config::TextForm::kBrokers, "h", "not usable: entry 1 has no port"},
      {config::TextForm::kBrokers, "[::1]", "not usable: entry 1 has no port"},
      {config::TextForm::kBrokers, "::1:9092", "not usable: entry 1 has no usable host"},
      {config::TextForm::kBrokers, "[::1:9092", "not usable: entry 1 has no usable host"},
      {config::TextForm::kBrokers, "[x::]:1", "not usable: entry 1 has no usable host"},
      {config::TextForm::kBrokers, "a:1,:2", "not usable: entry 2 has no usable host"},
      {config::TextForm::kBrokers, "a:1,", "not usable: entry 2 has no usable host"},
      {config::TextForm::kBrokers, "SASL_SSL://a:1", "not usable: entry 1 has no usable host"},
      {config::TextForm::kBrokers, "-a:1", "not usable: entry 1 has no usable host"},
      {config::TextForm::kBrokers, std::string(254, 'h') + ":1",
       "not usable: entry 1 has no usable host"},
      {config::TextForm::kBrokers, "a:0", "not usable: entry 1 has no usable port"},
      {config::TextForm::kBrokers, "a:65536", "not usable: entry 1 has no usable port"},
      {config::TextForm::kBrokers, "a:1x", "not usable: entry 1 has no usable port"},
      {config::TextForm::kBrokers, "a:", "not usable: entry 1 has no usable port"},
      {config::TextForm::kBrokers, "a:-1", "not usable: entry 1 has no usable port"},
      {config::TextForm::kListen, "9532", "'9532'"},
      {config::TextForm::kServer, "siem", "'siem'"},
      {config::TextForm::kServer, "siem:0", "'siem:0'"},
      {config::TextForm::kListen, ":9532", "':9532'"},
      {config::TextForm::kListen, "127.0.0.1", "'127.0.0.1'"},
      {config::TextForm::kListen, "h:65536", "'h:65536'"},
      {config::TextForm::kUrl, "", "not usable: it does not start with https://"},
      {config::TextForm::kUrl, "ftp://h", "not usable: it does not start with https://"},
      {config::TextForm::kUrl, "HTTPS://h", "not usable: it does not start with https://"},
      {config::TextForm::kUrl, "https://" + std::string(2'000, 'h'), "too long"},
      {config::TextForm::kUrl, "https://", "not usable: it has no usable host"},
      {config::TextForm::kUrl, "https:///x", "not usable: it has no usable host"},
      {config::TextForm::kUrl, "https://h:0", "not usable: it has no usable port"},
      {config::TextForm::kUrl, "https://h:x/", "not usable: it has no usable port"},
      {config::TextForm::kUrl, "https://u:p@h/",
       "not usable: it has a user name or password in it"},
      {config::TextForm::kUrl, "http://127.0.0.1@h/",
       "not usable: it has a user name or password in it"},
      {config::TextForm::kUrl, "https://h/a b",
       "not usable: it has characters that a URL writes as %XX, or a fragment"},
      {config::TextForm::kUrl, "https://h/#x",
       "not usable: it has characters that a URL writes as %XX, or a fragment"},
      {config::TextForm::kUrl, "https://h\\@e/",
       "not usable: it has characters that a URL writes as %XX, or a fragment"},
      {config::TextForm::kUrl, "https://h/\xc3\xa4",
       "not usable: it has characters that a URL writes as %XX, or a fragment"},
      {config::TextForm::kUrl, "http://h",
       "not usable: what goes to another machine by http can be read and changed on the way"},
      {config::TextForm::kUrl, "http://127.0.0.1.example.com/",
       "not usable: what goes to another machine by http can be read and changed on the way"},
      {config::TextForm::kUrl, "http://localhost.example.com/",
       "not usable: what goes to another machine by http can be read and changed on the way"},
      {config::TextForm::kUrl, "http://127.1/",
       "not usable: what goes to another machine by http can be read and changed on the way"},
      {config::TextForm::kPostgresUrl, "https://h/",
       "not usable: it does not start with postgresql://"},
      {config::TextForm::kPostgresUrl, "postgresql://u:p@h/d",
       "not usable: it has a password in it, which belongs to store.password"},
      {config::TextForm::kPostgresUrl, "postgresql://u@h/d?password=p",
       "not usable: it has a password in it, which belongs to store.password"},
      {config::TextForm::kPostgresUrl, "postgresql://u@h/a b",
       "not usable: it has characters that a URL writes as %XX"},
      {config::TextForm::kExternalUrl, "soc.contoso.example",
       "not usable: it does not start with https://"},
      {config::TextForm::kExternalUrl, "javascript:alert(1)",
       "not usable: it does not start with https://"},
      {config::TextForm::kExternalUrl, "https://u:p@h/",
       "not usable: it has a user name or password in it"},
      {config::TextForm::kExternalUrl, "https://h/?x=1", "not usable: it has a query"},
      {config::TextForm::kTemplate, "{{sevrity}}", "not usable: 'sevrity' is no field of a ticket"},
      {config::TextForm::kTemplate, "{{{title}}}", "not usable: '{{{' is logic"},
      {config::TextForm::kExternalUrl, "https://h/#x",
       "not usable: it has characters that a URL writes as %XX, or a fragment"},
      {config::TextForm::kExternalUrl, "https:///", "not usable: it has no usable host"},
  };
  for (const auto& c : cases) {
    std::string fault;
    EXPECT_FALSE(config::ReadForm(c.form, c.text, &fault).has_value()) << c.text;
    EXPECT_EQ(fault, c.fault) << c.text;
    EXPECT_FALSE(config::AllowedForm(c.form).empty());
  }
}

TEST(TextForms, ReferencesToSecrets) {
  const struct {
    const char* text;
    config::SecretRef::From from;
    const char* name;
  } cases[] = {
      {"env:NAME", config::SecretRef::From::kEnvironment, "NAME"},
      {"env:_a9", config::SecretRef::From::kEnvironment, "_a9"},
      {"file:/run/secrets/x", config::SecretRef::From::kFile, "/run/secrets/x"},
      {"file:relative", config::SecretRef::From::kFile, "relative"},
      {"file:env:NAME", config::SecretRef::From::kFile, "env:NAME"},
  };
  for (const auto& c : cases) {
    const auto secret = config::ParseSecretRef(c.text);
    ASSERT_TRUE(secret.has_value()) << c.text;
    EXPECT_EQ(secret->from, c.from) << c.text;
    EXPECT_EQ(secret->name, c.name);
  }
  for (const char* text : {"", "env:", "file:", "env:9a", "env:a b", "env:a=b", "ENV:a", " env:a",
                           "file:/x/", "NAME", "/run/secrets/x", "env"}) {
    EXPECT_EQ(config::ParseSecretRef(text), std::nullopt) << text;
  }
}

TEST(TextForms, HostsOfBrokers) {
  EXPECT_EQ(config::FirstBrokerHost("A.b:1,c:2"), "a.b");
  EXPECT_EQ(config::FirstBrokerHost("[::1]:9092"), "[::1]");
  EXPECT_EQ(config::FirstBrokerHost(""), "");
  EXPECT_TRUE(config::IsEventHubs("contoso.servicebus.windows.net"));
  EXPECT_TRUE(config::IsEventHubs("contoso.servicebus.usgovcloudapi.net"));
  EXPECT_TRUE(config::IsEventHubs("contoso.servicebus.chinacloudapi.cn"));
  EXPECT_FALSE(config::IsEventHubs("contoso.servicebus.windows.net.example.com"));
  EXPECT_FALSE(config::IsEventHubs("servicebus.windows.net"));
  EXPECT_FALSE(config::IsEventHubs("localhost"));
}

TEST(TextForms, WhereEntraGivesTokens) {
  EXPECT_EQ(config::EntraAuthority("a.servicebus.windows.net"),
            "https://login.microsoftonline.com");
  EXPECT_EQ(config::EntraAuthority("kafka.example.com"), "https://login.microsoftonline.com");
  EXPECT_EQ(config::EntraAuthority("a.servicebus.usgovcloudapi.net"),
            "https://login.microsoftonline.us");
  EXPECT_EQ(config::EntraAuthority("a.servicebus.chinacloudapi.cn"),
            "https://login.partner.microsoftonline.cn");
  EXPECT_EQ(config::EntraTokenEndpoint("https://h", "t"), "https://h/t/oauth2/v2.0/token");
  EXPECT_EQ(config::EntraTokenEndpoint("https://h/", "t"), "https://h/t/oauth2/v2.0/token");
  for (const char* name : {"contoso.onmicrosoft.com", "22222222-3333-4444-8555-666666666666"}) {
    EXPECT_TRUE(config::IsTenantName(name)) << name;
  }
  for (const char* name : {"", "a/b", "a?b", "..", "a b", "a%2f"}) {
    EXPECT_FALSE(config::IsTenantName(name)) << name;
  }
}

TEST(Quoted, IsShortAndOnOneLine) {
  EXPECT_EQ(config::Quoted("a\nb\x7f"), "'a b '");
  EXPECT_EQ(config::Quoted(std::string(60, 'x')), "'" + std::string(60, 'x') + "'");
  EXPECT_EQ(config::Quoted(std::string(61, 'x')), "'" + std::string(60, 'x') + "...'");
  EXPECT_TRUE(config::IsShownText("\xc3\xa4", 2));
  EXPECT_FALSE(config::IsShownText("\xc3\xa4", 1));
  EXPECT_FALSE(config::IsShownText("", 9));
  EXPECT_FALSE(config::IsShownText("\x7f", 9));
}

}  // namespace text_forms_test
}  // namespace signinwatch
