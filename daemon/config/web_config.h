// The web configuration file: TLS, client certificates, basic auth and headers of the HTTP server,
// in the format of the Prometheus exporter toolkit
// (github.com/prometheus/exporter-toolkit, docs/web-configuration.md), so that one file serves all
// exporters of a machine.
//
// Of that format, certificates as text in the file, TLS before 1.2 and `rate_limit` are not taken:
// they are mistakes with a place, as anything else that is not known. `http2` is taken and changes
// nothing: the server speaks HTTP/1.1.
#ifndef SIGNINWATCH_DAEMON_CONFIG_WEB_CONFIG_H_
#define SIGNINWATCH_DAEMON_CONFIG_WEB_CONFIG_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signinwatch {

// Names as the toolkit's file has them.
enum class ClientAuth : uint8_t {
  kNoClientCert,
  kRequestClientCert,        // asked for, and anything will do
  kRequireAnyClientCert,     // one has to come, and is not checked
  kVerifyClientCertIfGiven,  // none may come; one that comes has to be of client_ca_file
  kRequireAndVerifyClientCert,
};

struct WebTls {
  std::string cert_file;  // PEM, with its chain; empty: no TLS
  std::string key_file;   // PEM
  ClientAuth client_auth = ClientAuth::kNoClientCert;
  std::string client_ca_file;  // PEM
  // A certificate's DNS, e-mail, IP or URI name has to be one of these; empty: any.
  std::vector<std::string> client_allowed_sans;
  std::string min_version = "TLS12";  // or TLS13
  std::string max_version = "TLS13";
  std::vector<std::string> cipher_suites;  // of TLS 1.2, by Go's names; empty: OpenSSL's own
  bool prefer_server_cipher_suites = true;
  std::vector<std::string> curve_preferences;  // by Go's names; empty: OpenSSL's own

  [[nodiscard]] bool enabled() const { return !cert_file.empty(); }
};

// Headers of every answer; empty: the server's own, or none.
struct WebHttp {
  std::string strict_transport_security, content_security_policy, frame_options,
      content_type_options, xss_protection;
};

struct WebConfig {
  WebTls tls;
  WebHttp http;
  std::map<std::string, std::string> users;  // name -> bcrypt hash
};

struct WebConfigResult {
  std::optional<WebConfig> config;  // set exactly when there are no errors
  std::vector<std::string> errors;  // as ConfigResult's; no text repeats a hash
};

// Paths in the file are relative to the file's folder.
[[nodiscard]] WebConfigResult LoadWebConfigFile(const std::string& path);
[[nodiscard]] WebConfigResult ParseWebConfig(std::string_view text, const std::string& path);

// bcrypt: "$2y$10$...", also 2a and 2b. A higher cost than kBcryptCostMax would make each log-in
// take seconds.
inline constexpr int kBcryptCostMax = 15;
[[nodiscard]] bool IsBcryptHash(std::string_view text);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_CONFIG_WEB_CONFIG_H_
