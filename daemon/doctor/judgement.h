// Facts in, findings out: what each check makes of what it saw, and what to do. Pure, so that it is
// tested by tables.
#ifndef SIGNINWATCH_DAEMON_DOCTOR_JUDGEMENT_H_
#define SIGNINWATCH_DAEMON_DOCTOR_JUDGEMENT_H_

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/config/config.h"
#include "daemon/doctor/finding.h"
#include "daemon/doctor/record_shape.h"
#include "daemon/http_client/connection_probe.h"
#include "daemon/kafka/cluster_probe.h"
#include "daemon/store/store_probe.h"

namespace signinwatch::doctor {

// Traps of the configuration that are no mistakes.
[[nodiscard]] std::vector<Finding> JudgeConfiguration(const config::Config& config,
                                                      const std::string& path);

// dns, tcp and (with TLS) tls of one peer.
[[nodiscard]] std::vector<Finding> JudgeConnection(const http_client::ConnectionTarget& target,
                                                   const http_client::ConnectionFacts& facts,
                                                   std::chrono::sys_seconds now);

// Of auth: client_certificate.
[[nodiscard]] Finding JudgeClientCertificate(const std::string& path,
                                             std::chrono::sys_seconds expiry,
                                             std::chrono::sys_seconds now);

// `status`: of ClusterProbe's Make or LogIn.
[[nodiscard]] Finding JudgeLogIn(const config::KafkaCluster& cluster, const absl::Status& status);

[[nodiscard]] std::vector<Finding> JudgeTopics(const std::vector<kafka::ProbedTopic>& topics,
                                               const config::KafkaCluster& cluster);
[[nodiscard]] std::vector<Finding> JudgePartitions(
    const std::vector<kafka::ProbedPartition>& partitions, std::chrono::milliseconds throttled);
[[nodiscard]] Finding JudgeRetention(const std::vector<kafka::ProbedPartition>& partitions,
                                     const DetectionConfig& detection, EventTime now);
// `daemon_runs`: on this store.
[[nodiscard]] Finding JudgeGroup(const std::string& name, const kafka::ProbedGroup& group,
                                 bool daemon_runs);

struct ClockFacts {
  // Another clock, read within seconds of this one; `whose` is "the token endpoint".
  std::optional<std::chrono::sys_seconds> other = {};
  std::string whose = {};
  EventTime newest_message = kBeginningOfTime;  // the broker's; kBeginningOfTime: none
  EventTime now = kBeginningOfTime;             // ours
};
[[nodiscard]] Finding JudgeClock(const ClockFacts& facts);

[[nodiscard]] std::vector<Finding> JudgeRecords(const RecordShape& shape, const TimeConfig& time,
                                                EventTime now);

[[nodiscard]] Finding JudgeStore(const std::string& path, const store::StoreFacts& facts);
[[nodiscard]] Finding JudgeDatabase(const store::DatabaseFacts& facts);

}  // namespace signinwatch::doctor

#endif  // SIGNINWATCH_DAEMON_DOCTOR_JUDGEMENT_H_
