#include "daemon/doctor/finding_phrases.h"

#include <chrono>
#include <utility>

#include "daemon/config/quantities.h"
#include "daemon/config/quoted.h"
#include "daemon/config/text_forms.h"

namespace signinwatch::doctor {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Finding Make(Verdict verdict, const char* check, std::string text) {
  return {.verdict = verdict, .check = check, .text = std::move(text)};
}

bool IsHub(const config::KafkaCluster& cluster) {
  return config::IsEventHubs(config::FirstBrokerHost(cluster.brokers));
}

std::string Count(uint64_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void AddMember(const kafka::ProbedGroup::Member& member, std::string* list) {
  if (!list->empty()) *list += ", ";
  *list += config::Quoted(member.client_id) + " at " + member.host;
}

std::string Span(Duration span) {
  const Duration unit = span < minutes(1) ? Duration(seconds(1)) : Duration(minutes(1));
  const Duration rounded =
      span >= 2 * kDay ? std::chrono::floor<hours>(span) : Duration(unit * (span / unit));
  return config::FormatDuration(rounded);
}

}  // namespace signinwatch::doctor
