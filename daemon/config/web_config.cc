#include "daemon/config/web_config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "daemon/config/config_text.h"
#include "daemon/config/go_values.h"
#include "daemon/config/option_kinds.h"
#include "daemon/config/value_reader.h"
#include "parser/ascii.h"

namespace signinwatch::config {
namespace {

constexpr const char* kTls = "tls_server_config";
constexpr const char* kHttpServer = "http_server_config";
constexpr const char* kUsers = "basic_auth_users";
constexpr const char* kRate = "rate_limit";

using Names = std::vector<std::string>;

const std::vector<std::pair<std::string, ClientAuth>>& ClientAuthTypes() {
  static const std::vector<std::pair<std::string, ClientAuth>> types{
      {"NoClientCert", ClientAuth::kNoClientCert},
      {"RequestClientCert", ClientAuth::kRequestClientCert},
      {"RequireAnyClientCert", ClientAuth::kRequireAnyClientCert},
      {"RequireClientCert", ClientAuth::kRequireAnyClientCert},
      {"VerifyClientCertIfGiven", ClientAuth::kVerifyClientCertIfGiven},
      {"RequireAndVerifyClientCert", ClientAuth::kRequireAndVerifyClientCert}};
  return types;
}

// What Go's crypto/tls has called CipherSuites() since its 1.14: all that the toolkit has ever
// known.
const Names& CipherSuites() {
  static const Names names{"TLS_AES_128_GCM_SHA256",
                           "TLS_AES_256_GCM_SHA384",
                           "TLS_CHACHA20_POLY1305_SHA256",
                           "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                           "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                           "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                           "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                           "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                           "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                           "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
                           "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
                           "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
                           "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
                           "TLS_RSA_WITH_AES_128_CBC_SHA",
                           "TLS_RSA_WITH_AES_256_CBC_SHA",
                           "TLS_RSA_WITH_AES_128_GCM_SHA256",
                           "TLS_RSA_WITH_AES_256_GCM_SHA384"};
  return names;
}

// The last three are of Go's newer versions.
const Names& Curves() {
  static const Names names{"CurveP256",      "CurveP384",         "CurveP521",         "X25519",
                           "X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024"};
  return names;
}

const Names& Versions() {
  static const Names names{"TLS10", "TLS11", "TLS12", "TLS13"};  // ascending
  return names;
}

// An empty list: any value. Compared without case, as this program took them in capitals before it
// took the toolkit's spelling.
const std::map<std::string, Names>& Headers() {
  static const std::map<std::string, Names> headers{{"Strict-Transport-Security", {}},
                                                    {"X-Content-Type-Options", {"nosniff"}},
                                                    {"X-Frame-Options", {"deny", "sameorigin"}},
                                                    {"X-XSS-Protection", {}},
                                                    {"Content-Security-Policy", {}}};
  return headers;
}

// As Go writes a header: without line ends, and without blanks around it.
std::string HeaderValue(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  text.erase(0, text.find_first_not_of(' '));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

class WebReader {
 public:
  WebReader(ValueReader& values, std::vector<ConfigMistake>& warnings)
      : values_(values), warnings_(warnings) {}

  void ReadRoot(const YAML::Node& root, WebConfig* config) {
    for (const auto& [name, node] :
         values_.ReadMapping(root, "", {kTls, kHttpServer, kRate, kUsers})) {
      if (name == kTls) {
        ReadTls(node, &config->tls);
      } else if (name == kHttpServer) {
        ReadHttp(node, config);
      } else if (name == kRate) {
        ReadRate(node, &config->rate_limit);
      } else {
        ReadUsers(node, &config->users);
      }
    }
  }

 private:
  void ReadTls(const YAML::Node& node, WebTls* tls) {
    const Names keys{"cert",
                     "key",
                     "client_ca",
                     "cert_file",
                     "key_file",
                     "client_ca_file",
                     "client_auth_type",
                     "client_allowed_sans",
                     "min_version",
                     "max_version",
                     "cipher_suites",
                     "prefer_server_cipher_suites",
                     "curve_preferences"};
    const Place place = PlaceOf(node.Mark());
    const size_t mistakes = values_.mistakes();
    bool names_a_type = false;
    for (const auto& [name, value] : values_.ReadMapping(node, kTls, keys)) {
      const std::string path = std::string(kTls) + "." + name;
      const std::map<std::string, std::string*> texts{
          {"cert", &tls->cert.text},           {"key", &tls->key.text},
          {"client_ca", &tls->client_ca.text}, {"cert_file", &tls->cert.file},
          {"key_file", &tls->key.file},        {"client_ca_file", &tls->client_ca.file}};
      if (const auto text = texts.find(name); text != texts.end()) {
        ReadText(value, path, text->second);
      } else if (name == "client_auth_type") {
        names_a_type = ReadClientAuth(value, path, &tls->client_auth);
      } else if (name == "client_allowed_sans") {
        if (!value.IsNull()) tls->client_allowed_sans = ReadList(value, path, {});
      } else if (name == "min_version") {
        ReadVersion(value, path, &tls->min_version);
      } else if (name == "max_version") {
        ReadVersion(value, path, &tls->max_version);
      } else if (name == "cipher_suites") {
        tls->cipher_suites = ReadList(value, path, CipherSuites());
      } else if (name == "curve_preferences") {
        tls->curve_preferences = ReadList(value, path, Curves());
      } else {
        ReadBool(value, path, &tls->prefer_server_cipher_suites);
      }
    }
    if (values_.mistakes() == mistakes) CheckTls(tls, place, names_a_type);
  }

  // The toolkit's rules across the keys, and what it does not say.
  void CheckTls(WebTls* tls, Place place, bool names_a_type) {
    const auto report = [&](const std::string& text) {
      values_.Report(place, std::string(kTls) + " " + text);
    };
    const auto warn = [&](const std::string& text) { Warn(place, std::string(kTls) + " " + text); };
    for (const auto& [pem, name] : {std::pair{&tls->cert, "cert"}, std::pair{&tls->key, "key"},
                                    std::pair{&tls->client_ca, "client_ca"}}) {
      if (pem->file.empty() || pem->text.empty()) continue;
      warn("has both " + std::string(name) + " and " + name + "_file: " + name + " is left out");
      pem->text.clear();
    }
    if (tls->cert.empty() && tls->key.empty() && tls->client_ca.empty() && !names_a_type) return;
    if (tls->cert.empty() || tls->key.empty()) {
      report(std::string("has no ") +
             (tls->cert.empty() ? "cert or cert_file" : "key or key_file") +
             ", allowed: a certificate and its key, or neither of them, nor client certificates, "
             "for no TLS");
      return;
    }
    if (!tls->client_ca.empty() && tls->client_auth == ClientAuth::kNoClientCert) {
      report(
          "has authorities of client certificates and asks for none, allowed: client_auth_type: "
          "RequireAndVerifyClientCert or VerifyClientCertIfGiven");
    }
    if (tls->verifies() && tls->client_ca.empty()) {
      warn(
          "checks client certificates without client_ca or client_ca_file: those of every "
          "authority that this machine trusts are taken");
    }
    CheckSans(*tls, report, warn);
    CheckVersions(tls, report, warn);
  }

  template <typename Report, typename Warn>
  static void CheckSans(const WebTls& tls, const Report& report, const Warn& warn) {
    if (!tls.client_allowed_sans) return;
    if (tls.client_auth == ClientAuth::kNoClientCert ||
        tls.client_auth == ClientAuth::kRequestClientCert) {
      report(
          "has client_allowed_sans and needs no client certificate, allowed: client_auth_type: "
          "RequireAndVerifyClientCert");
    } else if (tls.client_allowed_sans->empty()) {
      warn("has a client_allowed_sans with no name: no client certificate will do");
    } else if (tls.client_auth == ClientAuth::kRequireAnyClientCert) {
      warn(
          "compares names of client certificates that nobody has checked (client_auth_type: "
          "RequireAnyClientCert): anybody can make one");
    }
  }

  // The names are of Versions().
  template <typename Report, typename Warn>
  static void CheckVersions(WebTls* tls, const Report& report, const Warn& warn) {
    const std::string least = "TLS12";
    if (tls->max_version < least || tls->min_version > tls->max_version) {
      report(
          "leaves no version of TLS, allowed: a max_version of TLS12 or TLS13, and no "
          "min_version above it");
    } else if (tls->min_version < least) {
      warn("has the min_version " + tls->min_version +
           ": versions before TLS12 are left out, as they are broken");
      tls->min_version = least;
    }
    // In Go too the list has no say over TLS 1.3, and without a suite 1.2 can't be spoken.
    const bool has_any = !tls->cipher_suites.empty();
    const bool has_12 =
        std::any_of(tls->cipher_suites.begin(), tls->cipher_suites.end(),
                    [](const std::string& suite) { return suite.find("_WITH_") != suite.npos; });
    if (!has_any || has_12) return;
    if (tls->max_version == least) {
      report("has cipher_suites of TLS13 alone and the max_version TLS12, allowed: one of TLS12");
    }
    tls->min_version = "TLS13";
  }

  void ReadHttp(const YAML::Node& node, WebConfig* config) {
    bool http2 = true;
    for (const auto& [name, value] : values_.ReadMapping(node, kHttpServer, {"http2", "headers"})) {
      const std::string path = std::string(kHttpServer) + "." + name;
      if (name == "http2") {
        ReadBool(value, path, &http2);
      } else {
        ReadHeaders(value, path, &config->headers);
      }
    }
  }

  void ReadHeaders(const YAML::Node& node, const std::string& path,
                   std::map<std::string, std::string>* headers) {
    Names names;
    for (const auto& [name, values] : Headers()) names.push_back(name);
    for (const auto& [name, value] : values_.ReadMapping(node, path, names)) {
      std::string text;
      if (!ReadText(value, path + "." + name, &text)) continue;
      const Names& allowed = Headers().at(name);
      const bool fits = allowed.empty() ||
                        std::any_of(allowed.begin(), allowed.end(),
                                    [&](const auto& one) { return EqualsWithoutCase(one, text); });
      if (fits) {
        (*headers)[name] = HeaderValue(std::move(text));
      } else {
        Refuse(value, path + "." + name, JoinTexts(allowed));
      }
    }
    // Blank is "not set".
    std::erase_if(*headers, [](const auto& header) { return header.second.empty(); });
  }

  void ReadRate(const YAML::Node& node, WebRateLimit* rate) {
    const Place place = PlaceOf(node.Mark());
    for (const auto& [name, value] : values_.ReadMapping(node, kRate, {"interval", "burst"})) {
      const std::string path = std::string(kRate) + "." + name;
      if (value.IsNull()) continue;
      if (name == "interval") {
        const auto interval = value.IsScalar() ? ParseGoDuration(value.Scalar()) : std::nullopt;
        if (!interval) Refuse(value, path, "a duration such as 1s or 500ms, 0 for no limit");
        rate->interval =
            std::max(interval.value_or(std::chrono::nanoseconds(0)), std::chrono::nanoseconds(0));
      } else {
        const auto burst = value.IsScalar() ? ParseGoInteger(value.Scalar()) : std::nullopt;
        if (!burst) Refuse(value, path, "a whole number");
        rate->burst = std::max<int64_t>(burst.value_or(0), 0);
      }
    }
    if (rate->interval.count() > 0 && rate->burst == 0) {
      Warn(place, "rate_limit has no burst: every request is refused, but those for health");
    }
  }

  void ReadUsers(const YAML::Node& node, std::map<std::string, std::string>* users) {
    if (node.IsNull()) return;
    if (!node.IsMap()) {
      Refuse(node, kUsers, "a mapping of user names to bcrypt hashes");
      return;
    }
    for (const auto& entry : node) {
      const Place place = PlaceOf(entry.first.Mark());
      if (!entry.first.IsScalar()) {
        values_.Report(place, "a name in basic_auth_users is none, allowed: a text");
        continue;
      }
      const std::string& name = entry.first.Scalar();
      const std::string hash = entry.second.IsScalar() ? entry.second.Scalar() : "";
      const std::string path = std::string(kUsers) + "." + HeaderValue(name);
      const std::optional<int> cost = BcryptCost(hash);
      if (!cost) {
        values_.Report(PlaceOf(entry.second.Mark()),
                       path + " is no bcrypt hash, allowed: what htpasswd -nBC 10 makes");
        continue;
      }
      if (!users->emplace(name, hash).second) {
        values_.Report(place, path + " is given again, allowed: once");
      }
      if (*cost > kBcryptCostMax) {
        Warn(place, path + " has a hash of the cost " + std::to_string(*cost) +
                        ", which takes minutes: nobody can log in by it; make one with htpasswd "
                        "-nBC 10");
      } else if (*cost > kBcryptCostSlow) {
        Warn(place, path + " has a hash of the cost " + std::to_string(*cost) +
                        ", which takes seconds for each log-in, right or wrong; 10 is usual");
      }
      if (name.find(':') != std::string::npos) {
        Warn(place, path + " has a colon in its name: nobody can log in by it (RFC 7617)");
      }
    }
  }

  // null leaves the value as it is, as in the toolkit. False: reported.
  bool ReadText(const YAML::Node& node, const std::string& path, std::string* to) {
    if (node.IsNull()) return true;
    if (!node.IsScalar()) return Refuse(node, path, "a text");
    *to = node.Scalar();
    return true;
  }

  void ReadBool(const YAML::Node& node, const std::string& path, bool* to) {
    if (node.IsNull()) return;
    const auto value = node.IsScalar() ? ParseGoBool(node.Scalar()) : std::nullopt;
    if (!value) Refuse(node, path, "true or false");
    *to = value.value_or(*to);
  }

  // Whether it names one, though it be "NoClientCert".
  bool ReadClientAuth(const YAML::Node& node, const std::string& path, ClientAuth* to) {
    std::string text;
    if (!ReadText(node, path, &text) || text.empty()) return false;
    Names names;
    for (const auto& [name, type] : ClientAuthTypes()) {
      if (name == text) *to = type;
      names.push_back(name);
    }
    if (!Contains(names, text)) Refuse(node, path, JoinTexts(names));
    return true;
  }

  void ReadVersion(const YAML::Node& node, const std::string& path, std::string* to) {
    if (node.IsNull()) return;
    std::string text;
    if (!ReadText(node, path, &text)) return;
    if (Contains(Versions(), text)) {
      *to = text;
    } else {
      Refuse(node, path, JoinTexts(Versions()));
    }
  }

  // Of texts that are among `known`; empty: any.
  Names ReadList(const YAML::Node& node, const std::string& path, const Names& known) {
    const std::string allowed = known.empty() ? "a list of texts" : "a list of " + JoinTexts(known);
    Names texts;
    if (node.IsNull()) return texts;
    if (!node.IsSequence()) {
      Refuse(node, path, allowed);
      return texts;
    }
    for (size_t i = 0; i < node.size(); ++i) {
      if (node[i].IsScalar() && (known.empty() || Contains(known, node[i].Scalar()))) {
        texts.push_back(node[i].Scalar());
      } else {
        Refuse(node[i], EntryPath(path, i), allowed);
      }
    }
    return texts;
  }

  // What stands there is not repeated where it may be a key or a hash.
  bool Refuse(const YAML::Node& node, const std::string& path, const std::string& allowed) {
    const bool shown = !path.ends_with("key") && path != kUsers;
    values_.Report(PlaceOf(node.Mark()), path + " is " + (shown ? NodeText(node) : "not usable") +
                                             ", allowed: " + allowed);
    return false;
  }

  void Warn(Place place, std::string text) {
    if (warnings_.size() >= kMistakesMax) return;
    warnings_.push_back({.line = place.line, .column = place.column, .text = std::move(text)});
  }

  static constexpr int kBcryptCostSlow = 14;
  ValueReader& values_;
  std::vector<ConfigMistake>& warnings_;
};

struct Reading {
  WebConfig config;
  std::vector<ConfigMistake> warnings;

  ConfigTextReader reader() {
    return [this](std::string_view text) {
      return ReadYamlDocument(
          text, "docs/web-configuration.md of the exporter toolkit",
          [this](const YAML::Node& root, ValueReader& values) {
            WebReader(values, warnings).ReadRoot(root, &config);
          },
          &warnings);
    };
  }

  WebConfigResult Result(std::vector<std::string> errors, const std::string& path) && {
    WebConfigResult result{.config = std::nullopt, .errors = std::move(errors), .warnings = {}};
    for (const ConfigMistake& warning : warnings) {
      result.warnings.push_back(PlacedText(path, warning));
    }
    if (!result.errors.empty()) return result;
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    for (WebPem* pem : {&config.tls.cert, &config.tls.key, &config.tls.client_ca}) {
      // An absolute one stays.
      if (!pem->file.empty()) pem->file = (folder / pem->file).string();
    }
    result.config = std::move(config);
    return result;
  }
};

}  // namespace

// As golang.org/x/crypto/bcrypt.Cost() sees it: at least 59 bytes, the version's letter may lack.
std::optional<int> BcryptCost(std::string_view hash) {
  constexpr size_t kSizeLeast = 59;
  if (hash.size() < kSizeLeast || !hash.starts_with("$2")) return std::nullopt;
  hash.remove_prefix(hash[2] == '$' ? 3 : 4);
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : 100; };
  const int cost = digit(hash[0]) * 10 + digit(hash[1]);
  return cost >= 4 && cost <= 31 ? std::optional(cost) : std::nullopt;
}

WebConfigResult ParseWebConfig(std::string_view text, const std::string& path) {
  Reading reading;
  auto errors = ReadConfigText(text, path, reading.reader());
  return std::move(reading).Result(std::move(errors), path);
}

WebConfigResult LoadWebConfigFile(const std::string& path) {
  Reading reading;
  auto errors = ReadConfigFile(path, reading.reader());
  return std::move(reading).Result(std::move(errors), path);
}

}  // namespace signinwatch::config
