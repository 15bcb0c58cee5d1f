// The web configuration file: TLS, client certificates, basic auth, headers and a limit of the
// HTTP server, in the format of the Prometheus exporter toolkit
// (github.com/prometheus/exporter-toolkit, docs/web-configuration.md), so that one file serves all
// exporters of a machine.
//
// Whatever the toolkit accepts is accepted, spelled as it and its YAML reader (go.yaml.in/yaml/v2)
// take it. What is weaker than TLS 1.2 is left out with a warning; where nothing would be left, it
// is a mistake. `http2` is taken and changes nothing: the server speaks HTTP/1.1.
#ifndef SIGNINWATCH_DAEMON_CONFIG_WEB_CONFIG_H_
#define SIGNINWATCH_DAEMON_CONFIG_WEB_CONFIG_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signinwatch::config {

// Names as the toolkit's file has them.
enum class ClientAuth : uint8_t {
  kNoClientCert,
  kRequestClientCert,        // asked for, and anything will do
  kRequireAnyClientCert,     // one has to come, and is not checked; also "RequireClientCert"
  kVerifyClientCertIfGiven,  // none may come; one that comes is checked
  kRequireAndVerifyClientCert,
};

// PEM in a file, or in the configuration itself; the file counts where both are given.
struct WebPem {
  std::string file;
  std::string text;
  [[nodiscard]] bool empty() const { return file.empty() && text.empty(); }
};

struct WebTls {
  WebPem cert;  // with its chain; empty: no TLS
  WebPem key;
  ClientAuth client_auth = ClientAuth::kNoClientCert;
  WebPem client_ca;  // empty: certificates are checked by the system's authorities
  // A certificate's DNS, e-mail, IP or URI name has to be one of these; none given: any.
  std::optional<std::vector<std::string>> client_allowed_sans;
  std::string min_version = "TLS12";  // or TLS13
  std::string max_version = "TLS13";
  std::vector<std::string> cipher_suites;  // by Go's names; empty: what the server takes for good
  bool prefer_server_cipher_suites = true;
  std::vector<std::string> curve_preferences;  // by Go's names; empty: OpenSSL's own

  [[nodiscard]] bool enabled() const { return !cert.empty(); }
  [[nodiscard]] bool verifies() const {
    return client_auth == ClientAuth::kVerifyClientCertIfGiven ||
           client_auth == ClientAuth::kRequireAndVerifyClientCert;
  }
};

// A bucket of `burst` requests, to which one is added each `interval`.
struct WebRateLimit {
  std::chrono::nanoseconds interval{0};  // 0: no limit
  int64_t burst = 0;
};

struct WebConfig {
  WebTls tls;
  std::map<std::string, std::string> headers;  // of every answer, instead of the server's own
  WebRateLimit rate_limit;
  std::map<std::string, std::string> users;  // name -> bcrypt hash; empty: nobody logs in
};

struct WebConfigResult {
  std::optional<WebConfig> config;    // set exactly when there are no errors
  std::vector<std::string> errors;    // as ConfigResult's; no text repeats a hash or a key
  std::vector<std::string> warnings;  // likewise: what is left out, or does not do what it seems to
};

// What `serve` would make of such a file and of all that it names, one line each.
struct WebConfigCheck {
  std::vector<std::string> errors;  // it would not start
  std::vector<std::string> warnings;
  bool authenticates = false;  // whoever gets an answer has shown who they are
};

// Paths in the file are relative to the file's folder.
[[nodiscard]] WebConfigResult LoadWebConfigFile(const std::string& path);
[[nodiscard]] WebConfigResult ParseWebConfig(std::string_view text, const std::string& path);

// The cost of a bcrypt hash as the toolkit takes it ("$2y$10$...", any letter or none): 4 to 31;
// nullopt: it is none.
[[nodiscard]] std::optional<int> BcryptCost(std::string_view hash);
// A higher cost takes longer than a client waits for its answer: nobody can log in by such a hash.
inline constexpr int kBcryptCostMax = 18;

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_WEB_CONFIG_H_
