#include "daemon/http/health_advice.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "daemon/http/words.h"

namespace signinwatch::http {
namespace {

using Level = Advice::Level;
using List = std::vector<Advice>;

constexpr std::chrono::minutes kLagTolerated(5);
constexpr std::chrono::minutes kOutboxAgeTolerated(5);
constexpr std::chrono::minutes kCommitAgeTolerated(1);
constexpr double kBusyTolerated = 0.9;
constexpr double kThrottleSecondsTolerated = 0.1;
constexpr double kRejectedRatioTolerated = 0.01;

const char* ToDoAbout(pipeline::Condition::Reason reason) {
  using Reason = pipeline::Condition::Reason;
  switch (reason) {
    case Reason::kStopping:
      return "It resumes once it is started again; nothing is lost.";
    case Reason::kReloading:
      return "This takes some seconds. If it lasts, the log says why.";
    case Reason::kFailed:
      return "The log says more.";
    case Reason::kNotCommitted:
      return "Check free space, permissions and health of the disk that store.path is on. What was "
             "read waits, and nothing is lost.";
    case Reason::kNoBroker:
      return "Check kafka.brokers, the network to it, and the credentials. Kafka keeps the records "
             "until its retention ends.";
    case Reason::kNotAssigned:
      return "This takes seconds after a start. If it lasts, check that kafka.topics exist and "
             "that "
             "the account may read them.";
    case Reason::kShared:
      return "Bursts are missed until only one instance reads for the group.";
    case Reason::kTakingOver:
      return "This takes about a second for 100,000 users. If it lasts, check the database that "
             "store.url names; their tickets are late until then, and none is lost.";
    case Reason::kUnused:
      return "signinwatch doctor looks at the newest messages and says more.";
    case Reason::kUnreadable:
      return "Find out who writes such batches to the topic: the runbook says how, under "
             "SigninwatchUnreadableBatches. Their records are lost here.";
    case Reason::kMadeAnew:
      return "Nothing, if the topic was recreated or has failed over. What had not been read of "
             "the "
             "old one is lost here.";
  }
  return "";
}

void AddConditions(const std::vector<pipeline::Condition>& conditions, List* list) {
  for (const pipeline::Condition& each : conditions) {
    list->push_back({Level::kProblem, each.sentence, ToDoAbout(each.reason)});
  }
}

void AddBrokers(const pipeline::ServeStatus& status, List* list) {
  for (const kafka::SourceFacts::Broker& broker : status.brokers) {
    if (!broker.up && status.not_ready.empty()) {
      list->push_back({Level::kNotice, "Broker " + broker.name + " is not connected.",
                       "Others may serve its partitions. If this lasts, check that host."});
    }
    if (broker.throttle_seconds > kThrottleSecondsTolerated) {
      list->push_back({Level::kNotice,
                       "Broker " + broker.name + " slows reading down (throttling).",
                       "Event Hubs: raise the throughput or processing units. Kafka: raise the "
                       "client's quota."});
    }
  }
}

void AddLag(const pipeline::ServeStatus& status, List* list) {
  const pipeline::PartitionStatus* worst = nullptr;
  for (const pipeline::PartitionStatus& partition : status.partitions) {
    if (worst == nullptr || partition.lag_seconds > worst->lag_seconds) worst = &partition;
  }
  if (worst == nullptr || !(worst->lag_seconds > std::chrono::seconds(kLagTolerated).count())) {
    return;
  }
  const Duration lag = std::chrono::seconds(std::llround(worst->lag_seconds));
  list->push_back({Level::kProblem,
                   "Reading is " + ShortSpan(lag) + " behind (" + worst->topic + ", partition " +
                       std::to_string(worst->partition) + "), so tickets are late.",
                   "If the lag shrinks, wait. If it grows, see which stage is busy below; the next "
                   "limit is there."});
}

std::string StageToDo(const std::string& stage) {
  if (stage == "consume")
    return "The network or the broker is the limit: see throttling and bandwidth.";
  if (stage == "parse") return "Raise pipeline.parse_threads, or give the machine more processors.";
  if (stage == "fold") return "One processor's limit is reached: use a faster one.";
  if (stage == "take over") return "The database of store.url is the limit: see what it waits for.";
  if (stage == "commit") return "The disk of store.path is the limit: use a faster one.";
  return "Its capacity is used up.";
}

void AddStages(const pipeline::ServeStatus& status, List* list) {
  for (const pipeline::StageStatus& stage : status.stages) {
    if (stage.busy_ratio < kBusyTolerated) continue;
    list->push_back({Level::kNotice,
                     "Stage " + stage.name + " is " + PercentWords(stage.busy_ratio) + " busy.",
                     StageToDo(stage.name)});
  }
}

std::string Waiting(const pipeline::SinkStatus& sink, EventTime now) {
  if (sink.outbox.depth == 0) return "none wait";
  return Thousands(sink.outbox.depth) + " wait, the oldest for " +
         ShortSpan(now - sink.outbox.oldest);
}

void AddSinks(const pipeline::ServeStatus& status, List* list) {
  for (const pipeline::SinkStatus& sink : status.sinks) {
    const sinks::DeliveryStatus& delivery = sink.delivery;
    const std::string name = "Sink " + delivery.sink;
    if (delivery.down) {
      const std::string error =
          delivery.last_error.empty() ? std::string() : " (" + delivery.last_error + ")";
      list->push_back({Level::kProblem,
                       name + " takes no tickets" + error + "; " + Waiting(sink, status.now) + ".",
                       "Check the system at the other end. Tickets wait and are sent once it "
                       "answers; other sinks are not affected."});
    } else if (sink.outbox.depth > 0 && status.now - sink.outbox.oldest > kOutboxAgeTolerated) {
      list->push_back({Level::kNotice, name + " is slow: " + Waiting(sink, status.now) + ".",
                       "Raise its rate_per_second if the other end can take more."});
    }
    if (sink.dropped > 0) {
      list->push_back({Level::kProblem,
                       CountWords(sink.dropped, "delivery", "deliveries") + " to sink " +
                           delivery.sink + " were dropped: its outbox was full.",
                       "Find those tickets under Tickets. Fix the sink, or raise "
                       "store.outbox_max."});
    }
    if (delivery.permanent_failures > 0) {
      list->push_back({Level::kNotice,
                       name + " refused " +
                           CountWords(delivery.permanent_failures, "revision", "revisions") +
                           " for good.",
                       "The log has each with the answer; find the tickets under Tickets."});
    }
  }
}

void AddCommit(const pipeline::ServeStatus& status, List* list) {
  const bool behind =
      std::any_of(status.partitions.begin(), status.partitions.end(),
                  [](const pipeline::PartitionStatus& p) { return p.lag_records > 0; });
  const Duration age = status.now - status.last_commit_at;
  if (!status.not_ready.empty()) return;  // the reason says more
  if (!behind || status.last_commit_at == kBeginningOfTime || age <= kCommitAgeTolerated) return;
  list->push_back({Level::kProblem, "Nothing was committed for " + ShortSpan(age) + ".",
                   "Check the disk that store.path is on; the log says more."});
}

void AddCounts(const pipeline::ServeStatus& status, List* list) {
  if (static_cast<double>(status.rejected) >
      static_cast<double>(status.records) * kRejectedRatioTolerated) {
    list->push_back({Level::kNotice,
                     Thousands(status.rejected) + " of " +
                         CountWords(status.records, "record", "records") + " could not be used.",
                     "The dead letters hold them with the reason of each."});
  }
  if (status.detection.late_dropped > 0) {
    list->push_back(
        {Level::kNotice,
         CountWords(status.detection.late_dropped, "failure", "failures") +
             " came too late to count.",
         "Raise time.allowed_lateness if this continues: the export is slower than that."});
  }
  for (int i = 0; i < kEvictionCount; ++i) {
    const uint64_t count = status.detection.evictions[i];
    if (count == 0) continue;
    list->push_back({Level::kNotice,
                     "A limit of the state was reached (" +
                         std::string(EvictionName(static_cast<Eviction>(i))) + ", " +
                         CountWords(count, "time", "times") + "): tickets may be incomplete.",
                     "Raise that limit under limits if there is memory for it."});
  }
  if (!status.detection.unknown_password_operations.empty()) {
    list->push_back({Level::kNotice,
                     "Audit operations about passwords that are not in the table: " +
                         status.detection.unknown_password_operations.begin()->first + ", ...",
                     "If they change passwords, add them to correlation.operations; all names are "
                     "in /api/v1/status."});
  }
}

}  // namespace

std::vector<Advice> AdviceFor(const pipeline::ServeStatus& status) {
  List list;
  AddConditions(status.not_ready, &list);
  AddConditions(status.warnings, &list);
  AddSinks(status, &list);
  AddLag(status, &list);
  AddCommit(status, &list);
  AddBrokers(status, &list);
  AddStages(status, &list);
  AddCounts(status, &list);
  std::stable_sort(list.begin(), list.end(),
                   [](const Advice& a, const Advice& b) { return a.level < b.level; });
  if (list.size() > kAdviceMax) list.resize(kAdviceMax);
  return list;
}

}  // namespace signinwatch::http
