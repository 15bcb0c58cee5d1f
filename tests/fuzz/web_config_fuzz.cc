// libFuzzer target: whatever bytes a web configuration is made of, either it is read, or there are
// mistakes with a place; what was read can be used or is refused; and where users are named, nobody
// gets in without a password.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/web_config.h"
#include "daemon/http/passwords.h"
#include "daemon/http/tls_server.h"
#include "daemon/http/token_bucket.h"

namespace signinwatch {
namespace {

[[noreturn]] void Fail(const char* what, const std::string& text) {
  std::fprintf(stderr, "%s: %s\n", what, text.c_str());
  std::abort();
}

void Use(const config::WebConfig& config) {
  const http::Passwords passwords(config.users);
  if (passwords.empty() != config.users.empty()) Fail("users were lost", "");
  if (!passwords.empty() && passwords.Glance("Basic Og==") == http::Passwords::Verdict::kRight) {
    Fail("let in without hashing", "");
  }
  (void)http::TokenBucket(config.rate_limit).Take(clock::SteadyTime{std::chrono::seconds(1)});
  for (const auto& [name, value] : config.headers) {
    if (value.find_first_of("\r\n") != std::string::npos) Fail("two headers in one", value);
  }
  const config::WebTls& tls = config.tls;
  // Files are named by the input: they are not looked into.
  if (!tls.enabled() || !tls.cert.file.empty() || !tls.key.file.empty()) return;
  if (!tls.client_ca.file.empty()) return;
  std::vector<std::string> warnings;
  (void)http::TlsServer::Make(tls, &warnings);
}

}  // namespace
}  // namespace signinwatch

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const signinwatch::config::WebConfigResult result =
      signinwatch::config::ParseWebConfig(text, "/f/web.yaml");
  if (result.config.has_value() != result.errors.empty()) {
    signinwatch::Fail("read and refused", std::string(text));
  }
  for (const std::string& error : result.errors) {
    if (!error.starts_with("/f/web.yaml:")) signinwatch::Fail("no place", error);
  }
  for (const std::string& warning : result.warnings) {
    if (!warning.starts_with("/f/web.yaml:")) signinwatch::Fail("no place", warning);
  }
  if (result.config) signinwatch::Use(*result.config);
  return 0;
}
