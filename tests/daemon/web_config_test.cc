#include "daemon/config/web_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace signinwatch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Of "secret", cost 4.
constexpr const char* kHash = "$2y$04$IMu9.5cUBT6pqvUBQqBsteYUTDwjTRZ6gDtCiuV7QaIwrF9.SgP3G";

WebConfig Good(const std::string& text) {
  const WebConfigResult result = ParseWebConfig(text, "/etc/web/web.yaml");
  EXPECT_THAT(result.errors, IsEmpty());
  return result.config.value_or(WebConfig{});
}

TEST(WebConfigTest, AnEmptyFileIsPlainHttpForEverybody) {
  const WebConfig config = Good("");
  EXPECT_FALSE(config.tls.enabled());
  EXPECT_THAT(config.users, IsEmpty());
}

TEST(WebConfigTest, ReadsWhatTheToolkitsFileHas) {
  const WebConfig config = Good(std::string(R"(
tls_server_config:
  cert_file: server.crt
  key_file: /etc/keys/server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.crt
  client_allowed_sans: [prometheus.contoso.example]
  min_version: TLS13
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [X25519, CurveP256]
http_server_config:
  http2: false
  headers:
    Strict-Transport-Security: max-age=31536000
    X-Frame-Options: SAMEORIGIN
basic_auth_users:
  alice: )") + kHash +
                                "\n  bob: " + kHash + "\n");
  EXPECT_EQ(config.tls.cert_file, "/etc/web/server.crt") << "beside the file";
  EXPECT_EQ(config.tls.key_file, "/etc/keys/server.key");
  EXPECT_EQ(config.tls.client_ca_file, "/etc/web/ca.crt");
  EXPECT_EQ(config.tls.client_auth, ClientAuth::kRequireAndVerifyClientCert);
  EXPECT_THAT(config.tls.client_allowed_sans, ElementsAre("prometheus.contoso.example"));
  EXPECT_EQ(config.tls.min_version, "TLS13");
  EXPECT_FALSE(config.tls.prefer_server_cipher_suites);
  EXPECT_THAT(config.tls.curve_preferences, ElementsAre("X25519", "CurveP256"));
  EXPECT_EQ(config.http.strict_transport_security, "max-age=31536000");
  EXPECT_EQ(config.http.frame_options, "SAMEORIGIN");
  EXPECT_EQ(config.users.size(), 2u);
}

struct Mistake {
  const char* text;
  const char* place;
  const char* what;
};

TEST(WebConfigTest, MistakesHaveTheirPlace) {
  const Mistake mistakes[] = {
      {"tls: {}", "1:1", "unknown key 'tls'"},
      {"tls_server_config: {cert_file: a}", "1:20", "one of cert_file and key_file"},
      {"tls_server_config:\n  cert: |\n    PEM", "2:3", "unknown key 'cert'"},
      {"tls_server_config: {cert_file: a, key_file: b, min_version: TLS11}", "1:61",
       "TLS12, TLS13"},
      {"tls_server_config: {cert_file: a, key_file: b, min_version: TLS13, max_version: TLS12}",
       "1:20", "min_version above max_version"},
      {"tls_server_config: {cert_file: a, key_file: b, client_auth_type: Always}", "1:66",
       "RequireAndVerifyClientCert"},
      {"tls_server_config: {client_auth_type: RequireAnyClientCert}", "1:20", "without cert_file"},
      {"tls_server_config: {cert_file: a, key_file: b, client_auth_type: VerifyClientCertIfGiven}",
       "1:20", "without client_ca_file"},
      {"tls_server_config: {cert_file: a, key_file: b, client_ca_file: c}", "1:20",
       "checks no client certificate"},
      {"http_server_config: {http2: maybe}", "1:29", "true or false"},
      {"http_server_config: {headers: {X-Own: a}}", "1:32", "unknown key 'X-Own'"},
      {"http_server_config: {headers: {X-Frame-Options: ALLOW}}", "1:49", "DENY, SAMEORIGIN"},
      {"basic_auth_users: [alice]", "1:19", "mapping"},
      {"basic_auth_users: {alice: secret}", "1:27", "no bcrypt hash"},
      {"basic_auth_users: {'a:b': x}", "1:20", "colons"},
      {"rate_limit: {burst: 1}", "1:1", "unknown key 'rate_limit'"},
      {"a: b: c", "1:5", "not YAML"},
  };
  for (const Mistake& mistake : mistakes) {
    SCOPED_TRACE(mistake.text);
    const WebConfigResult result = ParseWebConfig(mistake.text, "web.yaml");
    EXPECT_FALSE(result.config.has_value());
    ASSERT_FALSE(result.errors.empty());
    EXPECT_THAT(result.errors[0], HasSubstr(std::string("web.yaml:") + mistake.place + ": "));
    EXPECT_THAT(result.errors[0], HasSubstr(mistake.what));
  }
}

TEST(WebConfigTest, NoErrorShowsAHashOrWhatStandsInItsPlace) {
  const WebConfigResult result =
      ParseWebConfig("basic_auth_users: {alice: hunter2, bob: $2y$99$hunter2}", "web.yaml");
  ASSERT_EQ(result.errors.size(), 2u);
  for (const std::string& error : result.errors) EXPECT_THAT(error, Not(HasSubstr("hunter2")));
}

TEST(WebConfigTest, AFileThatIsNotThereIsNamed) {
  EXPECT_THAT(LoadWebConfigFile("/nowhere/web.yaml").errors,
              ElementsAre("/nowhere/web.yaml: No such file or directory"));
}

TEST(WebConfigTest, BcryptHashes) {
  const std::string hash = kHash;
  EXPECT_TRUE(IsBcryptHash(hash));
  for (const char* prefix : {"$2a$10$", "$2b$15$", "$2y$04$"}) {
    EXPECT_TRUE(IsBcryptHash(prefix + hash.substr(7))) << prefix;
  }
  for (const char* prefix : {"$2c$10$", "$2y$16$", "$2y$03$", "$1y$10$", "$2y$1a$"}) {
    EXPECT_FALSE(IsBcryptHash(prefix + hash.substr(7))) << prefix;
  }
  EXPECT_FALSE(IsBcryptHash(hash + "x"));
  EXPECT_FALSE(IsBcryptHash(hash.substr(0, 59) + "!"));
  EXPECT_FALSE(IsBcryptHash(""));
}

}  // namespace
}  // namespace signinwatch
