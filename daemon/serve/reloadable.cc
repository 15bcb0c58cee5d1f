#include "daemon/serve/reloadable.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/config/options.h"
#include "daemon/config/secret.h"
#include "daemon/config/sink_types.h"

namespace signinwatch::serve {
namespace {

// What is in a file, or why it can't be read.
std::string ContentOf(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (file == nullptr) return std::strerror(errno);
  std::string text(config::kSecretBytesMax, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  return text;
}

std::string ContentOf(const config::SecretRef& secret) {
  if (secret.empty()) return {};
  const auto text = config::ReadSecret(secret, config::SecretForm::kPem);
  return text.ok() ? *text : std::string(text.status().message());
}

class Fingerprint {
 public:
  template <typename T>
  void AddOptions(const std::vector<config::Option<T>>& options, const T& of) {
    for (const config::Option<T>& option : options) {
      Add(option.key);
      std::visit([this](const auto& value) { this->AddValue(value); }, option.get(of));
    }
  }
  void AddFilesOf(const config::KafkaCluster& cluster) {
    AddFile(cluster.ca_file);
    AddFile(cluster.client_certificate);
    for (const auto& [name, value] : cluster.options) {
      if (name.ends_with(".location")) AddFile(value);
    }
  }
  void AddFile(const std::string& path) { Add(path.empty() ? path : ContentOf(path)); }
  [[nodiscard]] std::string Take() && { return std::move(text_); }

 private:
  // With its size, so that no two lists of texts are the same.
  void Add(const std::string& text) { absl::StrAppend(&text_, text.size(), ":", text, ","); }
  void AddValue(const std::string& text) { Add(text); }
  void AddValue(const config::SecretRef& secret) {
    Add(std::string(secret.from == config::SecretRef::From::kFile ? "file:" : "env:") +
        secret.name);
    Add(ContentOf(secret));
  }
  void AddValue(Duration duration) { Add(std::to_string(duration.count())); }
  template <typename Number>
  requires std::is_arithmetic_v<Number>
  void AddValue(Number number) { Add(absl::StrCat(number)); }
  void AddValue(double number) {
    std::array<char, 32> digits;
    Add({digits.data(), std::to_chars(digits.begin(), digits.end(), number).ptr});
  }
  void AddValue(ChangeKind kind) { Add(std::to_string(static_cast<int>(kind))); }
  template <typename Value>
  void AddValue(const std::vector<Value>& values) {
    Add(std::to_string(values.size()));
    for (const Value& value : values) AddValue(value);
  }
  template <typename Value>
  void AddValue(const std::map<std::string, Value>& values) {
    Add(std::to_string(values.size()));
    for (const auto& [key, value] : values) {
      Add(key);
      AddValue(value);
    }
  }

  std::string text_;
};

}  // namespace

std::string ConfigFingerprint(const config::Config& config) {
  Fingerprint fingerprint;
  for (const config::Section& section : config::ConfigSections())
    fingerprint.AddOptions(section.options, config);
  for (const BurstRule& rule : config.detection.rules) {
    fingerprint.AddOptions(config::DetectorOptions(), rule);
  }
  for (const config::SinkConfig& sink : config.serve.sinks) {
    fingerprint.AddOptions(config::SinkOptionsFor(sink.type), sink);
    fingerprint.AddFilesOf(sink.cluster);
    fingerprint.AddFile(sink.ca_file);
  }
  fingerprint.AddFilesOf(config.serve.kafka.cluster);
  fingerprint.AddFilesOf(config.serve.dead_letters.cluster);
  return std::move(fingerprint).Take();
}

absl::StatusOr<config::Config> LoadServeConfig(const std::string& path) {
  config::ConfigResult result = config::LoadServeConfigFile(path);
  if (result.config) return *std::move(result.config);
  return absl::InvalidArgumentError(absl::StrJoin(result.errors, "\n"));
}

absl::Status CheckReloadable(const config::Config& now, const config::Config& next) {
  const config::HttpConfig& http_now = now.serve.http;
  const config::HttpConfig& http_next = next.serve.http;
  const struct {
    const char* key;
    bool is_same;
  } fixed[] = {
      {"role", now.serve.role == next.serve.role},
      {"store.path", now.serve.store.path == next.serve.store.path},
      {"store.url", now.serve.store.url == next.serve.store.url},
      {"http.listen", http_now.listen == http_next.listen},
      {"http.external_url", http_now.external_url == http_next.external_url},
      {"http.web_config_file", http_now.web_config_file == http_next.web_config_file},
      {"http.hosts", http_now.hosts == http_next.hosts},
      {"http.enable_reload", http_now.enable_reload == http_next.enable_reload},
  };
  std::vector<std::string> changed;
  for (const auto& each : fixed) {
    if (!each.is_same) changed.emplace_back(each.key);
  }
  if (changed.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(absl::StrJoin(changed, ", "),
                                                    changed.size() == 1 ? " is" : " are",
                                                    " changed by a restart only"));
}

}  // namespace signinwatch::serve
