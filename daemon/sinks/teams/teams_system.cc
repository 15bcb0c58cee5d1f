#include "daemon/sinks/teams/teams_system.h"

#include <memory>
#include <string>
#include <utility>

#include "daemon/config/secret.h"
#include "daemon/config/sink_types.h"
#include "daemon/config/text_forms.h"
#include "daemon/sinks/teams/teams_card.h"
#include "daemon/sinks/ticket_life.h"

namespace signinwatch::sinks {
namespace {

// As a URL in the configuration has to be. Errors do not show it.
absl::StatusOr<std::string> ReadUrl(const config::SecretRef& secret) {
  absl::StatusOr<std::string> text = config::ReadSecret(secret);
  if (!text.ok()) return text;
  std::string fault;
  if (!config::ReadForm(config::TextForm::kUrl, *text, &fault)) {
    return absl::InvalidArgumentError("the URL in " + secret.name + " is " + fault);
  }
  return text;
}

}  // namespace

TeamsSystem::TeamsSystem(const config::SinkConfig& config, const SinkParts& parts)
    : url_(config::SettingOf<config::SecretRef>(config, "url")),
      wording_(config::SettingOf<std::string>(config, "title"),
               config::SettingOf<std::string>(config, "body")),
      clock_(parts.clock),
      http_(parts.make_http(config.ca_file),
            static_cast<size_t>(config::SettingOf<int64_t>(config, "rate_per_minute")),
            std::chrono::ceil<std::chrono::milliseconds>(
                config::SettingOf<Duration>(config, "timeout")),
            parts.clock) {}

Answer TeamsSystem::Create(const Telling& telling, Made* /*made*/) {
  const absl::StatusOr<std::string> url = ReadUrl(url_);
  if (!url.ok()) return JudgeHttp(url.status(), {}, clock_.Wall());
  http_client::HttpResponse response;
  return http_.Send({.url = *url,
                     .headers = {{"Content-Type", "application/json; charset=utf-8"}},
                     .body = TeamsMessage(telling, wording_)},
                    {}, &response);
}

TicketSinkOr MakeTeamsSink(const config::SinkConfig& config, const SinkParts& parts) {
  const absl::StatusOr<std::string> url =
      ReadUrl(config::SettingOf<config::SecretRef>(config, "url"));
  if (!url.ok()) return url.status();
  return std::make_unique<TicketLife>(config.name, std::make_unique<TeamsSystem>(config, parts),
                                      parts.outbox, parts.clock);
}

}  // namespace signinwatch::sinks
