#include "daemon/pipeline/fold_metrics.h"

#include <chrono>

#include "daemon/pipeline/commit_work.h"
#include "daemon/words/answers.h"
#include "parser/ascii.h"

namespace signinwatch::pipeline {
namespace {

double Seconds(Duration span) { return std::chrono::duration<double>(span).count(); }

}  // namespace

FoldMetrics::FoldMetrics(metrics::Metrics& metrics)
    : metrics_(metrics),
      invalid_utf8_(metrics.counter(metrics::Metric::kInvalidUtf8)),
      late_by_(metrics.histogram(metrics::Metric::kLateBy)) {
  for (const Category category : {Category::kSignIn, Category::kNonInteractiveSignIn,
                                  Category::kAdfsSignIn, Category::kAudit}) {
    const char* name = CategoryName(category);
    CategorySeries& series = categories_[static_cast<size_t>(category)];
    series.export_delay = &metrics.histogram(metrics::Metric::kExportDelay, {name});
    series.end_to_end = &metrics.histogram(metrics::Metric::kEndToEndDelay, {name});
    if (category == Category::kAudit) continue;
    series.success = &metrics.counter(metrics::Metric::kSignIns, {name, "success"});
    series.watched = &metrics.counter(metrics::Metric::kSignIns, {name, "watched"});
    series.failure = &metrics.counter(metrics::Metric::kSignIns, {name, "failure"});
  }
  for (int i = 0; i < kRejectReasonCount; ++i) {
    rejected_[i] = &metrics.counter(metrics::Metric::kRejected,
                                    {RejectReasonName(static_cast<RejectReason>(i))});
  }
  metrics.counter(metrics::Metric::kRejected, {kUnreadableRecord});
  // Series that an alert asks for exist from the start on, at zero.
  for (int i = 0; i < kEvictionCount; ++i) {
    metrics.counter(metrics::Metric::kEvictions, {EvictionName(static_cast<Eviction>(i))});
  }
  for (int i = 0; i < kChangeKindCount; ++i) {
    metrics.counter(metrics::Metric::kCredentialEvents,
                    {ChangeKindName(static_cast<ChangeKind>(i))});
  }
  for (const FindingName& finding : kFindingNames) {
    metrics.counter(metrics::Metric::kBurstFindings, {finding.name});
  }
  for (int i = 0; i < words::kGuideQuestionCount; ++i) {
    metrics.counter(metrics::Metric::kGuideAnswers,
                    {words::GuideQuestionName(static_cast<words::GuideQuestion>(i))});
  }
  metrics.counter(metrics::Metric::kDuplicates);
  metrics.counter(metrics::Metric::kLateRecords);
  metrics.counter(metrics::Metric::kLateDropped);
  metrics.counter(metrics::Metric::kWatermarksSetBack);
}

void FoldMetrics::Begin(const DetectionConfig& config, size_t max_tenants) {
  tenants_.SetMax(max_tenants);
  by_slot_.clear();  // slots are of one source
  watched_codes_.clear();
  for (const BurstRule& rule : config.rules) {
    metrics_.histogram(metrics::Metric::kBurstSize, {rule.name});
    watched_codes_.insert(rule.codes.begin(), rule.codes.end());
  }
}

FoldMetrics::TopicSeries& FoldMetrics::TopicOf(kafka::PartitionSlot slot,
                                               const std::string& topic) {
  if (slot >= by_slot_.size()) by_slot_.resize(slot + 1);
  TopicSeries& series = by_slot_[slot];
  if (series.accepted == nullptr) {
    series = {.messages = &metrics_.counter(metrics::Metric::kMessages, {topic}),
              .bytes = &metrics_.counter(metrics::Metric::kBytes, {topic}),
              .accepted = &metrics_.counter(metrics::Metric::kRecords, {topic, "accepted"}),
              .irrelevant = &metrics_.counter(metrics::Metric::kRecords, {topic, "irrelevant"}),
              .rejected = &metrics_.counter(metrics::Metric::kRecords, {topic, "rejected"})};
  }
  return series;
}

void FoldMetrics::CountSignalMessage(kafka::PartitionSlot slot, const std::string& topic,
                                     size_t bytes) {
  if (slot >= by_slot_.size()) by_slot_.resize(slot + 1);
  TopicSeries& series = by_slot_[slot];
  if (series.messages == nullptr) {
    series.messages = &metrics_.counter(metrics::Metric::kMessages, {topic});
    series.bytes = &metrics_.counter(metrics::Metric::kBytes, {topic});
  }
  series.messages->Add();
  series.bytes->Add(static_cast<double>(bytes));
}

void FoldMetrics::CountMessage(kafka::PartitionSlot slot, const std::string& topic, size_t bytes,
                               const ParsedMessage& parsed) {
  uint64_t irrelevant = 0;
  for (const IrrelevantCount& count : parsed.irrelevant) {
    irrelevant += count.records;
    metrics_.counter(metrics::Metric::kIrrelevant, {IrrelevantLabel(parsed.Text(count.category))})
        .Add(static_cast<double>(count.records));
  }
  for (const Reject& reject : parsed.rejects) {
    rejected_[static_cast<size_t>(reject.reason)]->Add(static_cast<double>(reject.records));
  }
  if (parsed.invalid_utf8 > 0) invalid_utf8_.Add(static_cast<double>(parsed.invalid_utf8));
  totals_.records += parsed.records;
  totals_.accepted += parsed.signals.size();
  totals_.irrelevant += irrelevant;
  totals_.rejected += parsed.rejected();

  TopicSeries& series = TopicOf(slot, topic);
  series.messages->Add();
  series.bytes->Add(static_cast<double>(bytes));
  series.accepted->Add(static_cast<double>(parsed.signals.size()));
  series.irrelevant->Add(static_cast<double>(irrelevant));
  series.rejected->Add(static_cast<double>(parsed.rejected()));
}

std::string FoldMetrics::IrrelevantLabel(std::string_view category) {
  std::string name(category);
  for (char& c : name) c = LowerAsciiOf(c);
  if (irrelevant_.contains(name)) return name;
  if (irrelevant_.size() >= kIrrelevantNamesMax) return "other";
  irrelevant_.insert(name);
  return name;
}

void FoldMetrics::CountRecord(const Signal& signal) {
  if (signal.is_risk_event()) return;  // Entra tells of them when it finds them: no delay of ours
  CategorySeries& series = categories_[static_cast<size_t>(signal.category)];
  if (signal.export_time > kBeginningOfTime) {
    series.export_delay->Observe(Seconds(signal.export_time - signal.event_time));
  }
  if (!signal.is_sign_in()) return;
  (signal.is_success() ? series.success
   : IsWatched(signal) ? series.watched
                       : series.failure)
      ->Add();
}

void FoldMetrics::CountDetected(const Signal& signal, const ParsedMessage& parsed,
                                const Outcome& outcome, EventTime now) {
  if (signal.is_risk_event()) return;
  CategorySeries& series = categories_[static_cast<size_t>(signal.category)];
  series.end_to_end->Observe(Seconds(now - signal.event_time));
  if (outcome.late) late_by_.Observe(Seconds(outcome.late_by));
  if (!outcome.duplicate && IsWatched(signal)) FailuresOf(signal, parsed).Add();
}

metrics::Counter& FoldMetrics::FailuresOf(const Signal& signal, const ParsedMessage& parsed) {
  const std::pair key(std::string(tenants_.LabelOf(parsed.Text(signal.tenant_text))), signal.code);
  metrics::Counter*& counter = failures_[key];
  if (counter == nullptr) {
    counter = &metrics_.counter(metrics::Metric::kWatchedFailures,
                                {std::to_string(signal.code), key.first});
  }
  return *counter;
}

void FoldMetrics::CountFacts(const Ticket& ticket) {
  for (const FindingName& finding : kFindingNames) {
    if (ticket.findings.*finding.holds) {
      metrics_.counter(metrics::Metric::kBurstFindings, {finding.name}).Add();
    }
  }
  for (const words::GuideAnswer& answer : words::TicketAnswers(ticket)) {
    metrics_.counter(metrics::Metric::kGuideAnswers, {words::GuideQuestionName(answer.question)})
        .Add();
  }
}

void FoldMetrics::CountRevision(const Ticket& ticket) {
  metrics_.counter(metrics::Metric::kTicketRevisions, {RevisionReasonName(ticket.reason)}).Add();
  const char* scope = ticket.scope == GroupBy::kUser ? "user" : "tenant";
  const char* cause = CauseName(ticket.cause);
  const char* severity = SeverityName(ticket.severity);
  switch (ticket.reason) {
    case RevisionReason::kOpened:
    case RevisionReason::kReopened:
      metrics_.counter(metrics::Metric::kBurstsOpened, {ticket.detector, scope, cause, severity})
          .Add();
      break;
    case RevisionReason::kResolved: {
      const char* resolution = ResolutionName(ticket.resolution);
      metrics_
          .counter(metrics::Metric::kTicketsResolved, {ticket.detector, scope, cause, severity,
                                                       resolution == nullptr ? "" : resolution})
          .Add();
      CountFacts(ticket);
      metrics_.histogram(metrics::Metric::kBurstSize, {ticket.detector})
          .Observe(static_cast<double>(ticket.event_count));
      metrics_.histogram(metrics::Metric::kBurstDuration, {ticket.detector})
          .Observe(Seconds(ticket.last_event_time - ticket.first_event_time));
      metrics_.histogram(metrics::Metric::kBurstUsers, {ticket.detector})
          .Observe(static_cast<double>(ticket.distinct_users));
      break;
    }
    default:
      break;
  }
}

void FoldMetrics::CountGap(const std::string& topic, int64_t messages) {
  metrics_.counter(metrics::Metric::kOffsetGaps, {topic}).Add(static_cast<double>(messages));
}

void FoldMetrics::CountUnreadable(kafka::PartitionSlot slot, const std::string& topic,
                                  kafka::UnreadableReason reason) {
  metrics_
      .counter(metrics::Metric::kUnreadableBatches, {topic, kafka::UnreadableReasonName(reason)})
      .Add();
  metrics_.counter(metrics::Metric::kRejected, {kUnreadableRecord}).Add();
  TopicOf(slot, topic).rejected->Add();
  ++totals_.records;
  ++totals_.rejected;
}

void FoldMetrics::CountMadeAnew(const std::string& topic) {
  metrics_.counter(metrics::Metric::kMadeAnew, {topic}).Add();
}

void FoldMetrics::CountSetBack(size_t watermarks) {
  metrics_.counter(metrics::Metric::kWatermarksSetBack).Add(static_cast<double>(watermarks));
}

void FoldMetrics::CountDetection(const DetectorCounters& now, DetectorCounters* counted) {
  const auto add = [](metrics::Counter& counter, uint64_t is, uint64_t& was) {
    if (is > was) counter.Add(static_cast<double>(is - was));
    was = is;
  };
  add(metrics_.counter(metrics::Metric::kDuplicates), now.duplicates, counted->duplicates);
  add(metrics_.counter(metrics::Metric::kLateRecords), now.late, counted->late);
  add(metrics_.counter(metrics::Metric::kLateDropped), now.late_dropped, counted->late_dropped);
  for (size_t i = 0; i < kEvictionCount; ++i) {
    if (now.evictions[i] == counted->evictions[i]) continue;
    add(metrics_.counter(metrics::Metric::kEvictions, {EvictionName(static_cast<Eviction>(i))}),
        now.evictions[i], counted->evictions[i]);
  }
  for (size_t i = 0; i < kChangeKindCount; ++i) {
    if (now.credential_events[i] == counted->credential_events[i]) continue;
    add(metrics_.counter(metrics::Metric::kCredentialEvents,
                         {ChangeKindName(static_cast<ChangeKind>(i))}),
        now.credential_events[i], counted->credential_events[i]);
  }
  for (const auto& [operation, count] : now.unknown_password_operations) {
    uint64_t& was = counted->unknown_password_operations[operation];
    if (count != was)
      add(metrics_.counter(metrics::Metric::kUnknownOperations, {operation}), count, was);
  }
}

}  // namespace signinwatch::pipeline
