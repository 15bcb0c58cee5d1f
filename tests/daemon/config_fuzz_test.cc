// Whatever bytes a configuration is made of: either it is read, or there are mistakes with a place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <random>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/reference.h"
#include "daemon/config/web_config.h"
#include "tests/sanitizer.h"

namespace signinwatch {
namespace config_fuzz_test {

// "f:LINE:COLUMN: ..., allowed: ...".
bool IsMistake(const std::string& error) {
  size_t at = 2;
  for (int numbers = 0; numbers < 2; ++numbers) {
    const size_t begin = at;
    while (at < error.size() && std::isdigit(static_cast<unsigned char>(error[at])) != 0) ++at;
    if (at == begin || at >= error.size() || error[at] != ':') return false;
    ++at;
  }
  if (!error.starts_with("f:")) return false;
  // What a mistake of two keys lacks is what is allowed.
  for (const char* says : {" allowed: ", " also needs ", " requires "}) {
    if (error.find(says) != std::string::npos) return true;
  }
  return false;
}

constexpr int kMutations = kSanitizedMemory ? 1'000 : 4'000;

template <typename Result>
void CheckResult(const std::string& text, const Result& result) {
  ASSERT_EQ(result.config.has_value(), result.errors.empty()) << text;
  for (const std::string& error : result.errors) {
    ASSERT_TRUE(IsMistake(error) || error == "f: no more than these mistakes are looked for")
        << error << "\n"
        << text;
  }
}

void CheckText(const std::string& text) {
  CheckResult(text, config::ParseConfig(text, "f"));
  CheckResult(text, config::ParseWebConfig(text, "f"));
}

// Every key of `serve`, most of them used.
std::string Everything() {
  std::string text;
  for (const char* line : {
           "kafka:\n  brokers: x.servicebus.windows.net:9093\n  topics: [a, b]\n",
           "  auth: oauthbearer\n  client_id: c\n  client_secret: env:S\n",
           "  token_endpoint: https://h/t\n  options: {client.id: 1, debug: x}\n",
           "sinks:\n- {name: a, type: file, path: /x, rotate_keep: 3}\n",
           "- {name: b, type: kafka, topic: t, brokers: 'a:1', auth: plain, username: u,",
           " password: file:/p, tls: true, ca_file: /c}\n",
           "- {name: c, type: webhook, url: https://h/x, secret: env:A, backoff_min: 2s}\n",
           "dead_letters: {path: /d, topic: u}\nstore: {path: /s, keep_tickets: 30d}\n",
           "log: &log {level: debug}\nhttp: {listen: '[::1]:0'}\n",
       }) {
    text += line;
  }
  return text;
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  size_t Below(size_t bound) {
    return std::uniform_int_distribution<size_t>(0, bound - 1)(random_);
  }

  std::string Bytes(size_t size_max) {
    std::string bytes(Below(size_max + 1), '\0');
    for (char& c : bytes) c = static_cast<char>(Below(256));
    return bytes;
  }

  // What YAML gives a meaning.
  std::string Token() {
    static const std::vector<std::string> tokens{": ",          "- ",
                                                 "{",           "}",
                                                 "[",           "]",
                                                 ",",           "&a ",
                                                 "*a",          "!x ",
                                                 "|\n",         ">\n",
                                                 "'",           "\"",
                                                 "# ",          "\n",
                                                 "\n  ",        "\n---\n",
                                                 "? ",          "<<: ",
                                                 "~",           "%",
                                                 "@",           "env:",
                                                 "file:/x",     "null",
                                                 "0",           "true",
                                                 "1h",          "kafka",
                                                 "\t",          "...",
                                                 "type: ",      "name: ",
                                                 "auth: plain", "brokers: ",
                                                 "\xc3\xa4",    "\xef\xbb\xbf",
                                                 "sinks",       "options: {a.b: c}"};
    return tokens[Below(tokens.size())];
  }

  std::string Mutated(std::string text) {
    for (size_t times = 1 + Below(6); times > 0; --times) {
      const size_t at = Below(text.size() + 1);
      const size_t size = Below(12);
      switch (Below(4)) {
        case 0:
          text.erase(at, size);
          break;
        case 1:
          text.insert(at, Token());
          break;
        case 2:
          text.insert(at, text.substr(Below(text.size() + 1), Below(80)));
          break;
        default:
          if (at < text.size()) text[at] = static_cast<char>(Below(128));
      }
    }
    return text;
  }

 private:
  std::mt19937 random_;
};

TEST(ConfigFuzz, RandomBytes) {
  Mutator mutator(1);
  for (int i = 0; i < 3'000; ++i) CheckText(mutator.Bytes(200));
}

TEST(ConfigFuzz, RandomTokens) {
  Mutator mutator(2);
  for (int i = 0; i < 5'000; ++i) {
    std::string text;
    for (size_t n = mutator.Below(30); n > 0; --n) text += mutator.Token();
    CheckText(text);
  }
}

TEST(ConfigFuzz, MutatedConfigurations) {
  const std::string everything = Everything();
  CheckText(everything);
  ASSERT_TRUE(config::ParseConfig(everything, "f").config.has_value());
  Mutator mutator(3);
  for (int i = 0; i < kMutations; ++i) CheckText(mutator.Mutated(everything));
}

TEST(ConfigFuzz, MutatedWebConfigurations) {
  const std::string whole =
      "tls_server_config:\n  cert_file: a\n  key_file: b\n  client_ca_file: c\n"
      "  client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: [x, y]\n"
      "  min_version: TLS12\n  cipher_suites: [TLS_AES_128_GCM_SHA256]\n"
      "http_server_config: {http2: true, headers: {X-Frame-Options: DENY}}\n"
      "basic_auth_users: {a: $2y$04$IMu9.5cUBT6pqvUBQqBsteYUTDwjTRZ6gDtCiuV7QaIwrF9.SgP3G}\n";
  ASSERT_TRUE(config::ParseWebConfig(whole, "f").config.has_value());
  Mutator mutator(5);
  for (int i = 0; i < kMutations; ++i) CheckText(mutator.Mutated(whole));
}

TEST(ConfigFuzz, MutatedExample) {
  const std::string example = config::ConfigurationExample();
  Mutator mutator(4);
  for (int i = 0; i < 150; ++i) CheckText(mutator.Mutated(example));
}

}  // namespace config_fuzz_test
}  // namespace signinwatch
