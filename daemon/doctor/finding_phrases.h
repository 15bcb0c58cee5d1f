// What the sentences of findings are put together from.
#ifndef SIGNINWATCH_DAEMON_DOCTOR_FINDING_PHRASES_H_
#define SIGNINWATCH_DAEMON_DOCTOR_FINDING_PHRASES_H_

#include <cstdint>
#include <string>

#include "daemon/config/serve_config.h"
#include "daemon/doctor/finding.h"
#include "daemon/kafka/cluster_probe.h"
#include "parser/event_time.h"

namespace signinwatch::doctor {

[[nodiscard]] Finding Make(Verdict verdict, const char* check, std::string text);
// Whether it is a namespace of Event Hubs, where things have other names.
[[nodiscard]] bool IsHub(const config::KafkaCluster& cluster);
// "1 topic", "3 topics".
[[nodiscard]] std::string Count(uint64_t count, const char* what);
// Adds "'rdkafka' at /192.0.2.7", by commas.
void AddMember(const kafka::ProbedGroup::Member& member, std::string* list);
// To the two largest units or so: nobody needs microseconds here.
[[nodiscard]] std::string Span(Duration span);

}  // namespace signinwatch::doctor

#endif  // SIGNINWATCH_DAEMON_DOCTOR_FINDING_PHRASES_H_
