#include "daemon/config/web_config.h"

#include <yaml-cpp/yaml.h>

#include <array>
#include <filesystem>
#include <utility>

#include "daemon/config/config_text.h"
#include "daemon/config/options.h"
#include "daemon/config/quoted.h"
#include "daemon/config/stored_option.h"
#include "daemon/config/value_reader.h"

namespace signinwatch {
namespace {

constexpr size_t kUsersMax = 1'000;
constexpr size_t kUserBytesMax = 255;

// Go's names of what both sides know; those of TLS 1.3 are taken and, as in Go, change nothing.
ChoicesKind CipherSuites() {
  return {{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
           "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
           "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
           "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"}};
}

const std::vector<Option<WebTls>>& TlsOptions() {
  static const std::vector<Option<WebTls>> options{
      StoredIn("cert_file", FormKind{TextForm::kPath}, &WebTls::cert_file, ""),
      StoredIn("key_file", FormKind{TextForm::kPath}, &WebTls::key_file, ""),
      ChoiceIn("client_auth_type",
               {{"NoClientCert", ClientAuth::kNoClientCert},
                {"RequestClientCert", ClientAuth::kRequestClientCert},
                {"RequireAnyClientCert", ClientAuth::kRequireAnyClientCert},
                {"VerifyClientCertIfGiven", ClientAuth::kVerifyClientCertIfGiven},
                {"RequireAndVerifyClientCert", ClientAuth::kRequireAndVerifyClientCert}},
               &WebTls::client_auth, ""),
      StoredIn("client_ca_file", FormKind{TextForm::kPath}, &WebTls::client_ca_file, ""),
      StoredIn("client_allowed_sans", PrefixesKind{}, &WebTls::client_allowed_sans, ""),
      StoredIn("min_version", ChoiceKind{{"TLS12", "TLS13"}}, &WebTls::min_version, ""),
      StoredIn("max_version", ChoiceKind{{"TLS12", "TLS13"}}, &WebTls::max_version, ""),
      StoredIn("cipher_suites", CipherSuites(), &WebTls::cipher_suites, ""),
      StoredIn("prefer_server_cipher_suites", YesNoKind{}, &WebTls::prefer_server_cipher_suites,
               ""),
      StoredIn("curve_preferences", ChoicesKind{{"CurveP256", "CurveP384", "CurveP521", "X25519"}},
               &WebTls::curve_preferences, "")};
  return options;
}

const std::vector<Option<WebHttp>>& HeaderOptions() {
  const FormKind plain{TextForm::kPlain};
  static const std::vector<Option<WebHttp>> options{
      StoredIn("Strict-Transport-Security", plain, &WebHttp::strict_transport_security, ""),
      StoredIn("Content-Security-Policy", plain, &WebHttp::content_security_policy, ""),
      StoredIn("X-Frame-Options", ChoiceKind{{"DENY", "SAMEORIGIN"}}, &WebHttp::frame_options, ""),
      StoredIn("X-Content-Type-Options", ChoiceKind{{"nosniff"}}, &WebHttp::content_type_options,
               ""),
      StoredIn("X-XSS-Protection", plain, &WebHttp::xss_protection, "")};
  return options;
}

class WebReader {
 public:
  explicit WebReader(ValueReader& values) : values_(values) {}

  void ReadRoot(const YAML::Node& root, WebConfig* config) {
    const std::vector<std::string> names{"tls_server_config", "http_server_config",
                                         "basic_auth_users"};
    for (const auto& [name, node] : values_.ReadMapping(root, "", names)) {
      if (name == "tls_server_config") {
        values_.ReadOptions(node, name, TlsOptions(), &config->tls);
        CheckTls(config->tls, PlaceOf(node.Mark()));
      } else if (name == "http_server_config") {
        ReadHttp(node, &config->http);
      } else {
        ReadUsers(node, &config->users);
      }
    }
  }

 private:
  void ReadHttp(const YAML::Node& node, WebHttp* http) {
    const std::string path = "http_server_config";
    for (const auto& [name, value] : values_.ReadMapping(node, path, {"http2", "headers"})) {
      if (name == "headers") {
        values_.ReadOptions(value, path + ".headers", HeaderOptions(), http);
      } else if (!value.IsScalar() || (value.Scalar() != "true" && value.Scalar() != "false")) {
        values_.Report(PlaceOf(value.Mark()),
                       path + ".http2 is " + NodeText(value) + ", allowed: true or false");
      }
    }
  }

  void ReadUsers(const YAML::Node& node, std::map<std::string, std::string>* users) {
    const std::string allowed = ", allowed: a mapping of up to 1000 user names to bcrypt hashes";
    if (node.IsNull()) return;
    if (!node.IsMap() || node.size() > kUsersMax) {
      values_.Report(PlaceOf(node.Mark()), "basic_auth_users is not usable" + allowed);
      return;
    }
    for (const auto& entry : node) {
      const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
      const std::string hash = entry.second.IsScalar() ? entry.second.Scalar() : "";
      const Place place = PlaceOf(entry.first.Mark());
      if (!IsShownText(name, kUserBytesMax) || name.find(':') != std::string::npos) {
        values_.Report(place,
                       "a name in basic_auth_users is none, allowed: 1 to 255 bytes without "
                       "control characters and colons");
      } else if (!IsBcryptHash(hash)) {
        values_.Report(PlaceOf(entry.second.Mark()),
                       "basic_auth_users." + name +
                           " is no bcrypt hash, allowed: what htpasswd -nBC 10 makes, of cost 4 "
                           "to " +
                           std::to_string(kBcryptCostMax));
      } else if (!users->emplace(name, hash).second) {
        values_.Report(place, "basic_auth_users." + name + " is given again, allowed: once");
      }
    }
  }

  void CheckTls(const WebTls& tls, Place place) {
    const auto report = [&](const std::string& text) {
      values_.Report(place, "tls_server_config " + text);
    };
    const bool verifies = tls.client_auth == ClientAuth::kVerifyClientCertIfGiven ||
                          tls.client_auth == ClientAuth::kRequireAndVerifyClientCert;
    if (tls.cert_file.empty() != tls.key_file.empty()) {
      report("has one of cert_file and key_file, allowed: both, or neither for no TLS");
    } else if (!tls.enabled() && values_.given().Find("tls_server_config.client_auth_type")) {
      report("asks for client certificates without cert_file and key_file, allowed: with both");
    }
    if (verifies && tls.client_ca_file.empty()) {
      report("checks client certificates without client_ca_file, allowed: with it");
    }
    if (!verifies && (!tls.client_ca_file.empty() || !tls.client_allowed_sans.empty())) {
      report(
          "has client_ca_file or client_allowed_sans and checks no client certificate, allowed: "
          "client_auth_type: RequireAndVerifyClientCert or VerifyClientCertIfGiven");
    }
    if (tls.min_version > tls.max_version) {
      report("has a min_version above max_version, allowed: TLS12 and TLS13, or twice the same");
    }
  }

  ValueReader& values_;
};

WebConfigResult Result(WebConfig config, std::vector<std::string> errors, const std::string& path) {
  if (!errors.empty()) return {.config = std::nullopt, .errors = std::move(errors)};
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  for (std::string* file :
       {&config.tls.cert_file, &config.tls.key_file, &config.tls.client_ca_file}) {
    if (!file->empty()) *file = (folder / *file).string();  // an absolute one stays
  }
  return {.config = std::move(config), .errors = {}};
}

ConfigTextReader ReaderInto(WebConfig* config) {
  return [config](std::string_view text) {
    return ReadYamlDocument(text, "docs/web-configuration.md of the exporter toolkit",
                            [config](const YAML::Node& root, ValueReader& values) {
                              WebReader(values).ReadRoot(root, config);
                            });
  };
}

}  // namespace

bool IsBcryptHash(std::string_view text) {
  constexpr size_t kSize = 60;
  constexpr std::string_view kAlphabet =
      "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  if (text.size() != kSize || !text.starts_with("$2") || text[3] != '$' || text[6] != '$' ||
      std::string_view("aby").find(text[2]) == std::string_view::npos) {
    return false;
  }
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : 100; };
  const int cost = digit(text[4]) * 10 + digit(text[5]);
  return cost >= 4 && cost <= kBcryptCostMax &&
         text.substr(7).find_first_not_of(kAlphabet) == std::string_view::npos;
}

WebConfigResult ParseWebConfig(std::string_view text, const std::string& path) {
  WebConfig config;
  auto errors = ReadConfigText(text, path, ReaderInto(&config));
  return Result(std::move(config), std::move(errors), path);
}

WebConfigResult LoadWebConfigFile(const std::string& path) {
  WebConfig config;
  auto errors = ReadConfigFile(path, ReaderInto(&config));
  return Result(std::move(config), std::move(errors), path);
}

}  // namespace signinwatch
