#include "daemon/config/web_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace signinwatch {
namespace web_config_test {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Optional;
using testing::Pair;
using testing::StartsWith;

// Of "secret", cost 4.
constexpr const char* kHash = "$2y$04$IMu9.5cUBT6pqvUBQqBsteYUTDwjTRZ6gDtCiuV7QaIwrF9.SgP3G";

config::WebConfig GoodWeb(const std::string& text) {
  const config::WebConfigResult result = config::ParseWebConfig(text, "/etc/web/web.yaml");
  EXPECT_THAT(result.errors, IsEmpty());
  return result.config.value_or(config::WebConfig{});
}

TEST(WebConfigTest, AnEmptyFileIsPlainHttpForEverybody) {
  const config::WebConfig config = GoodWeb("");
  EXPECT_FALSE(config.tls.enabled());
  EXPECT_THAT(config.users, IsEmpty());
}

TEST(WebConfigTest, ReadsWhatTheToolkitsFileHas) {
  const config::WebConfig config = GoodWeb(std::string(R"(
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
    X-Frame-Options: sameorigin
rate_limit:
  interval: 250ms
  burst: 20
basic_auth_users:
  alice: )") + kHash + "\n  bob: " + kHash +
                                           "\n");
  EXPECT_EQ(config.tls.cert.file, "/etc/web/server.crt") << "beside the file";
  EXPECT_EQ(config.tls.key.file, "/etc/keys/server.key");
  EXPECT_EQ(config.tls.client_ca.file, "/etc/web/ca.crt");
  EXPECT_EQ(config.tls.client_auth, config::ClientAuth::kRequireAndVerifyClientCert);
  EXPECT_THAT(config.tls.client_allowed_sans, Optional(ElementsAre("prometheus.contoso.example")));
  EXPECT_EQ(config.tls.min_version, "TLS13");
  EXPECT_FALSE(config.tls.prefer_server_cipher_suites);
  EXPECT_THAT(config.tls.curve_preferences, ElementsAre("X25519", "CurveP256"));
  EXPECT_THAT(config.headers, ElementsAre(Pair("Strict-Transport-Security", "max-age=31536000"),
                                          Pair("X-Frame-Options", "sameorigin")));
  EXPECT_EQ(config.rate_limit.interval, std::chrono::milliseconds(250));
  EXPECT_EQ(config.rate_limit.burst, 20);
  EXPECT_EQ(config.users.size(), 2u);
}

TEST(WebConfigTest, CertificatesMayStandInTheFileItself) {
  const config::WebConfig config = GoodWeb(
      "tls_server_config:\n  cert: |\n    CERT\n  key: |\n    KEY\n  client_ca: |\n    CA\n"
      "  client_auth_type: RequireAndVerifyClientCert\n");
  EXPECT_TRUE(config.tls.enabled());
  EXPECT_EQ(config.tls.cert.text, "CERT\n");
  EXPECT_EQ(config.tls.key.text, "KEY\n");
  EXPECT_EQ(config.tls.client_ca.text, "CA\n");
  EXPECT_EQ(config.tls.cert.file, "");
}

// What the toolkit's own tests take for good, by what each is about, and what its YAML reader
// takes: written anew, one rule a line. The warning has the text behind it, or there is none.
struct Accepted {
  const char* text;
  const char* warning = "";
};

constexpr const char* kCerts = "tls_server_config: {cert_file: a, key_file: b, ";

std::string Whole(const char* text) {
  std::string whole = text;
  const size_t certs = whole.find("CERTS ");
  if (certs != std::string::npos) whole.replace(certs, 6, kCerts);
  const size_t hash = whole.find("HASH");
  if (hash != std::string::npos) whole.replace(hash, 4, kHash);
  return whole;
}

TEST(WebConfigTest, WhatTheToolkitAcceptsIsAccepted) {
  const Accepted files[] = {
      {""},
      {"tls_server_config:"},
      {"tls_server_config: {}"},
      {"tls_server_config: {min_version: TLS13}"},
      {"CERTS }"},
      {"CERTS client_auth_type: ''}"},
      {"CERTS client_auth_type: null, client_ca_file: null, client_allowed_sans: null}"},
      {"CERTS client_auth_type: RequestClientCert}"},
      {"CERTS client_auth_type: RequireClientCert}"},
      {"CERTS client_auth_type: RequireAnyClientCert}"},
      {"CERTS client_auth_type: RequireAnyClientCert, client_allowed_sans: [x]}", "nobody has"},
      {"CERTS client_auth_type: VerifyClientCertIfGiven}", "every authority"},
      {"CERTS client_auth_type: RequireAndVerifyClientCert}", "every authority"},
      {"CERTS client_auth_type: RequireAndVerifyClientCert, client_ca_file: c}"},
      {"CERTS client_auth_type: RequireAndVerifyClientCert, client_ca_file: c, "
       "client_allowed_sans: []}",
       "no client certificate will do"},
      {"CERTS cert: x}", "cert is left out"},
      {"CERTS key: x}", "key is left out"},
      {"CERTS min_version: TLS10}", "versions before TLS12 are left out"},
      {"CERTS min_version: TLS11}", "versions before TLS12 are left out"},
      {"CERTS min_version: TLS12, max_version: TLS12}"},
      {"CERTS min_version: null}"},
      {"CERTS cipher_suites: []}"},
      {"CERTS cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "
       "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "
       "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, "
       "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, TLS_AES_128_GCM_SHA256, "
       "TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256, "
       "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, "
       "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, "
       "TLS_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_AES_256_CBC_SHA, "
       "TLS_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_AES_256_GCM_SHA384]}"},
      {"CERTS cipher_suites: [TLS_AES_128_GCM_SHA256]}"},
      {"CERTS cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA], max_version: TLS12}"},
      {"CERTS prefer_server_cipher_suites: no}"},
      {"CERTS curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]}"},
      {"CERTS curve_preferences: [X25519MLKEM768]}"},
      {"http_server_config:"},
      {"http_server_config: {http2: Off, headers: }"},
      {"http_server_config: {headers: {X-Frame-Options: deny, X-Content-Type-Options: nosniff}}"},
      {"http_server_config: {headers: {X-XSS-Protection: 1, Content-Security-Policy: ''}}"},
      {"http_server_config: {headers: {Content-Security-Policy: \"default-src 'self' *.x.y\"}}"},
      {"http_server_config: {headers: {X-Frame-Options: SAMEORIGIN}}"},
      {"rate_limit:"},
      {"rate_limit: {interval: 1s, burst: 20}"},
      {"rate_limit: {interval: 0, burst: 0}"},
      {"rate_limit: {burst: 5}"},
      {"rate_limit: {interval: 1s}", "every request is refused"},
      {"basic_auth_users:"},
      {"basic_auth_users: {alice: HASH}"},
      {"basic_auth_users: {'': HASH}"},
      {"basic_auth_users: {'a:b': HASH}", "a colon in its name"},
      {"basic_auth_users: {7: HASH}"},
      {"basic_auth_users: {a: $2a$12$IMu9.5cUBT6pqvUBQqBsteYUTDwjTRZ6gDtCiuV7QaIwrF9.SgP3G}"},
      {"basic_auth_users: {a: $2$12$IMu9.5cUBT6pqvUBQqBsteYUTDwjTRZ6gDtCiuV7QaIwrF9.SgP3G}"},
      {"basic_auth_users: {a: $2y$18$IMu9.5cUBT6pqvUBQqBsteYUTDwjTRZ6gDtCiuV7QaIwrF9.SgP3G}",
       "takes seconds"},
      {"basic_auth_users: {a: $2y$31$IMu9.5cUBT6pqvUBQqBsteYUTDwjTRZ6gDtCiuV7QaIwrF9.SgP3G}",
       "takes minutes"},
      {"rate_limit: {burst: 5}\n---\nanything: else\n", "a second YAML document"},
  };
  for (const Accepted& file : files) {
    SCOPED_TRACE(file.text);
    const config::WebConfigResult result = config::ParseWebConfig(Whole(file.text), "web.yaml");
    EXPECT_THAT(result.errors, IsEmpty());
    if (*file.warning == '\0') {
      EXPECT_THAT(result.warnings, IsEmpty());
    } else {
      EXPECT_THAT(result.warnings,
                  ElementsAre(AllOf(StartsWith("web.yaml:"), HasSubstr(file.warning))));
    }
  }
}

TEST(WebConfigTest, WhatIsWeakerThanTls12IsNotUsed) {
  EXPECT_EQ(GoodWeb(Whole("CERTS min_version: TLS10}")).tls.min_version, "TLS12");
  EXPECT_EQ(GoodWeb(Whole("CERTS cipher_suites: [TLS_AES_128_GCM_SHA256]}")).tls.min_version,
            "TLS13")
      << "no suite of TLS 1.2 is left";
}

struct Mistake {
  const char* text;
  const char* place;
  const char* what;
};

TEST(WebConfigTest, MistakesHaveTheirPlace) {
  const Mistake mistakes[] = {
      {"tls: {}", "1:1", "unknown key 'tls'"},
      {"tls_server_config: {cert_file: a}", "1:20", "has no key or key_file"},
      {"tls_server_config: {key: a}", "1:20", "has no cert or cert_file"},
      {"tls_server_config: {client_ca: a}", "1:20", "has no cert or cert_file"},
      {"CERTS min_version: TLS111}", "1:61", "TLS10, TLS11, TLS12, TLS13"},
      {"CERTS max_version: TLS11}", "1:20", "leaves no version of TLS"},
      {"CERTS min_version: TLS13, max_version: TLS12}", "1:20", "leaves no version of TLS"},
      {"CERTS cipher_suites: [TLS_AES_128_GCM_SHA256], max_version: TLS12}", "1:20",
       "cipher_suites of TLS13 alone"},
      {"CERTS cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]}", "1:64", "cipher_suites[0]"},
      {"CERTS cipher_suites: TLS_AES_128_GCM_SHA256}", "1:63", "a list of"},
      {"CERTS curve_preferences: [CurveP257]}", "1:68", "CurveP256, CurveP384"},
      {"CERTS client_auth_type: Always}", "1:66", "RequireAndVerifyClientCert"},
      {"tls_server_config: {client_auth_type: NoClientCert}", "1:20", "has no cert"},
      {"CERTS client_ca_file: c}", "1:20", "asks for none"},
      {"CERTS client_allowed_sans: [x]}", "1:20", "needs no client certificate"},
      {"CERTS client_auth_type: RequestClientCert, client_allowed_sans: [x]}", "1:20",
       "needs no client certificate"},
      {"http_server_config: {http2: maybe}", "1:29", "true or false"},
      {"http_server_config: {headers: {X-Own: a}}", "1:32", "unknown key 'X-Own'"},
      {"http_server_config: {headers: {X-Frame-Options: ALLOW}}", "1:49", "deny, sameorigin"},
      {"http_server_config: {headers: {X-Content-Type-Options: sniff}}", "1:56", "nosniff"},
      {"rate_limit: {interval: often}", "1:24", "a duration"},
      {"rate_limit: {burst: many}", "1:21", "a whole number"},
      {"basic_auth_users: [alice]", "1:19", "mapping"},
      {"basic_auth_users: {alice: secret}", "1:27", "no bcrypt hash"},
      {"a: b: c", "1:5", "not YAML"},
  };
  for (const Mistake& mistake : mistakes) {
    SCOPED_TRACE(mistake.text);
    const config::WebConfigResult result = config::ParseWebConfig(Whole(mistake.text), "web.yaml");
    EXPECT_FALSE(result.config.has_value());
    ASSERT_FALSE(result.errors.empty());
    EXPECT_THAT(result.errors[0], HasSubstr(std::string("web.yaml:") + mistake.place + ": "));
    EXPECT_THAT(result.errors[0], HasSubstr(mistake.what));
  }
}

TEST(WebConfigTest, NoErrorShowsAHashOrAKeyOrWhatStandsInItsPlace) {
  const config::WebConfigResult result = config::ParseWebConfig(
      "basic_auth_users: {alice: hunter2, bob: $2y$99$hunter2}\n"
      "tls_server_config: {key: [hunter2]}\n",
      "web.yaml");
  ASSERT_EQ(result.errors.size(), 3u);
  for (const std::string& error : result.errors) EXPECT_THAT(error, Not(HasSubstr("hunter2")));
}

TEST(WebConfigTest, AFileThatIsNotThereIsNamed) {
  EXPECT_THAT(config::LoadWebConfigFile("/nowhere/web.yaml").errors,
              ElementsAre("/nowhere/web.yaml: No such file or directory"));
}

TEST(WebConfigTest, BcryptHashes) {
  const std::string hash = kHash;
  EXPECT_EQ(config::BcryptCost(hash), 4);
  for (const char* prefix : {"$2a$10$", "$2b$10$", "$2x$10$", "$2$10$"}) {
    EXPECT_EQ(config::BcryptCost(prefix + hash.substr(7)), 10) << prefix;
  }
  for (const char* prefix : {"$2y$32$", "$2y$03$", "$1y$10$", "$2y$1a$", "x2y$10$"}) {
    EXPECT_EQ(config::BcryptCost(prefix + hash.substr(7)), std::nullopt) << prefix;
  }
  EXPECT_EQ(config::BcryptCost(hash.substr(0, 58)), std::nullopt);
  EXPECT_EQ(config::BcryptCost(""), std::nullopt);
}

}  // namespace web_config_test
}  // namespace signinwatch
