#include "daemon/http/web_access.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/log/log.h"

namespace signinwatch::http {

absl::StatusOr<std::shared_ptr<const WebAccess::State>> WebAccess::Read(
    const std::string& path, std::vector<std::string>* warnings) {
  config::WebConfigResult result;
  if (path.empty()) {
    result.config = config::WebConfig{};
  } else {
    result = config::LoadWebConfigFile(path);
  }
  *warnings = std::move(result.warnings);
  if (!result.config) return absl::InvalidArgumentError(absl::StrJoin(result.errors, "\n"));
  auto state = std::make_shared<State>(*std::move(result.config));
  if (state->config.tls.enabled()) {
    std::vector<std::string> left_out;
    absl::StatusOr<std::unique_ptr<TlsServer>> tls = TlsServer::Make(state->config.tls, &left_out);
    for (const std::string& what : left_out) warnings->push_back(absl::StrCat(path, ": ", what));
    if (!tls.ok()) return tls.status();
    state->tls = *std::move(tls);
  }
  return std::shared_ptr<const State>(std::move(state));
}

absl::StatusOr<std::shared_ptr<const WebAccess::State>> WebAccess::ReadAndLog(
    const std::string& path) {
  std::vector<std::string> warnings;
  auto state = Read(path, &warnings);
  for (const std::string& warning : warnings) {
    log::Log(config::LogLevel::kWarning, "parts of the web configuration have no effect",
             {{"what", warning}});
  }
  return state;
}

config::WebConfigCheck CheckWebConfig(const std::string& path) {
  config::WebConfigCheck check;
  const auto state = WebAccess::Read(path, &check.warnings);
  if (state.ok()) {
    check.authenticates = (*state)->authenticates();
  } else {
    check.errors = absl::StrSplit(std::string(state.status().message()), '\n');
  }
  return check;
}

absl::StatusOr<std::unique_ptr<WebAccess>> WebAccess::Open(const clock::Clock& clock,
                                                           const std::string& path) {
  std::unique_ptr<WebAccess> access(new WebAccess(clock, path));
  absl::StatusOr<std::shared_ptr<const State>> state = ReadAndLog(path);
  if (!state.ok()) return state.status();
  access->state_ = *std::move(state);
  access->seen_ = access->Look();
  access->looked_at_ = clock.Steady();
  return access;
}

WebAccess::Signature WebAccess::Look() const {
  Signature signature;
  const config::WebTls& tls = state_->config.tls;
  for (const std::string* file : {&path_, &tls.cert.file, &tls.key.file, &tls.client_ca.file}) {
    struct stat info {};
    if (file->empty() || ::stat(file->c_str(), &info) != 0) {
      signature.emplace_back();
    } else {
      signature.push_back(absl::StrCat(info.st_dev, " ", info.st_ino, " ", info.st_size, " ",
                                       info.st_mtim.tv_sec, ".", info.st_mtim.tv_nsec, " ",
                                       info.st_ctim.tv_sec, ".", info.st_ctim.tv_nsec));
    }
  }
  return signature;
}

std::shared_ptr<const WebAccess::State> WebAccess::Current() {
  const std::lock_guard lock(mutex_);
  const clock::SteadyTime now = clock_.Steady();
  if (path_.empty() || now - looked_at_ < look_every_) return state_;
  looked_at_ = now;
  const Signature signature = Look();
  if (signature == seen_) return state_;
  absl::StatusOr<std::shared_ptr<const State>> next = ReadAndLog(path_);
  if (next.ok()) {
    const config::WebTls& before = state_->config.tls;
    const config::WebTls& after = (*next)->config.tls;
    // As they were before they were read, so that a change meanwhile is seen the next time. Of
    // other files than before that is not known: they are read once more.
    seen_ = before.cert.file == after.cert.file && before.key.file == after.key.file &&
                    before.client_ca.file == after.client_ca.file
                ? signature
                : Signature{};
    state_ = *std::move(next);
    problem_.clear();
    log::Log(config::LogLevel::kInfo, "the web configuration was reloaded");
  } else {
    problem_ = std::string(next.status().message());
    seen_ = signature;
    log::Log(config::LogLevel::kError,
             "the web configuration was not loaded: the previous one stays in use",
             {{"error", problem_}});
  }
  return state_;
}

std::string WebAccess::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

}  // namespace signinwatch::http
