// Of what several machines need (SPEC 14): the signal topic between `ingest` and `detect`, what is
// in it, their groups, and whose shards the database has. Pure, as judgement.h.
//
// `ingest` need not be allowed to read the signal topic, nor `detect` to write it: what either is
// not told of the other's part is no failure.
#ifndef SIGNINWATCH_DAEMON_DOCTOR_SIGNAL_JUDGEMENT_H_
#define SIGNINWATCH_DAEMON_DOCTOR_SIGNAL_JUDGEMENT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/config/serve_config.h"
#include "daemon/doctor/finding.h"
#include "daemon/kafka/cluster_probe.h"
#include "daemon/store/store_probe.h"
#include "parser/event_time.h"

namespace signinwatch::doctor {

// What the newest messages of the signal topic are.
struct SignalSample {
  size_t messages = 0;
  size_t newer = 0;      // of a version that this program does not know
  size_t malformed = 0;  // no messages of ours
  std::string newer_at = {};
  std::string malformed_at = {};  // "partition 3, offset 17", of one
  EventTime newest = kBeginningOfTime;
};
[[nodiscard]] SignalSample SampleSignals(const std::vector<kafka::ProbedMessage>& messages);

// Whether it is there, with the configured number of partitions.
[[nodiscard]] Finding JudgeSignalTopic(const kafka::ProbedTopic& topic,
                                       const config::ServeConfig& serve);
// What it loses or refuses by its settings. `partitions`: with their oldest messages, as far as
// they are known.
[[nodiscard]] std::vector<Finding> JudgeSignalSettings(
    const kafka::ProbedSettings& settings, const std::vector<kafka::ProbedPartition>& partitions,
    EventTime now);
// Whether the role can do its part there. `read`: of ClusterProbe's TryToRead, of `detect` alone.
[[nodiscard]] Finding JudgeSignalAccess(const std::vector<kafka::ProbedPartition>& partitions,
                                        const absl::Status& read, const config::ServeConfig& serve);
[[nodiscard]] std::vector<Finding> JudgeSignals(
    const SignalSample& sample, const std::vector<kafka::ProbedPartition>& partitions,
    config::Role role, EventTime now);

// A group that several instances are meant to share.
[[nodiscard]] Finding JudgeSharedGroup(const std::string& name, const kafka::ProbedGroup& group,
                                       size_t partitions, const config::KafkaCluster& cluster);

// Whether the shards of the database are those of signals.partitions.
[[nodiscard]] Finding JudgeShards(const store::DatabaseFacts& facts,
                                  const config::SignalsConfig& signals);

}  // namespace signinwatch::doctor

#endif  // SIGNINWATCH_DAEMON_DOCTOR_SIGNAL_JUDGEMENT_H_
