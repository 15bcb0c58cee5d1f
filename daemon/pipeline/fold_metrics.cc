#include "daemon/pipeline/fold_metrics.h"

#include <chrono>

#include "daemon/pipeline/commit_work.h"
#include "daemon/words/answers.h"
#include "parser/ascii.h"

namespace signinwatch {
namespace {

double Seconds(Duration span) { return std::chrono::duration<double>(span).count(); }

}  // namespace

FoldMetrics::FoldMetrics(Metrics& metrics)
    : metrics_(metrics),
      invalid_utf8_(metrics.counter(Metric::kInvalidUtf8)),
      late_by_(metrics.histogram(Metric::kLateBy)) {
  for (const Category category : {Category::kSignIn, Category::kNonInteractiveSignIn,
                                  Category::kAdfsSignIn, Category::kAudit}) {
    const char* name = CategoryName(category);
    CategorySeries& series = categories_[static_cast<size_t>(category)];
    series.export_delay = &metrics.histogram(Metric::kExportDelay, {name});
    series.end_to_end = &metrics.histogram(Metric::kEndToEndDelay, {name});
    if (category == Category::kAudit) continue;
    series.success = &metrics.counter(Metric::kSignIns, {name, "success"});
    series.watched = &metrics.counter(Metric::kSignIns, {name, "watched"});
    series.failure = &metrics.counter(Metric::kSignIns, {name, "failure"});
  }
  for (int i = 0; i < kRejectReasonCount; ++i) {
    rejected_[i] =
        &metrics.counter(Metric::kRejected, {RejectReasonName(static_cast<RejectReason>(i))});
  }
  metrics.counter(Metric::kRejected, {kUnreadableRecord});
  // Series that an alert asks for exist from the start on, at zero.
  for (int i = 0; i < kEvictionCount; ++i) {
    metrics.counter(Metric::kEvictions, {EvictionName(static_cast<Eviction>(i))});
  }
  for (int i = 0; i < kChangeKindCount; ++i) {
    metrics.counter(Metric::kCredentialEvents, {ChangeKindName(static_cast<ChangeKind>(i))});
  }
  for (const FindingName& finding : kFindingNames) {
    metrics.counter(Metric::kBurstFindings, {finding.name});
  }
  for (int i = 0; i < kGuideQuestionCount; ++i) {
    metrics.counter(Metric::kGuideAnswers, {GuideQuestionName(static_cast<GuideQuestion>(i))});
  }
  metrics.counter(Metric::kDuplicates);
  metrics.counter(Metric::kLateRecords);
  metrics.counter(Metric::kLateDropped);
  metrics.counter(Metric::kWatermarksSetBack);
}

void FoldMetrics::Begin(const DetectionConfig& config, size_t max_tenants) {
  tenants_.SetMax(max_tenants);
  by_slot_.clear();  // slots are of one source
  watched_codes_.clear();
  for (const BurstRule& rule : config.rules) {
    metrics_.histogram(Metric::kBurstSize, {rule.name});
    watched_codes_.insert(rule.codes.begin(), rule.codes.end());
  }
}

FoldMetrics::TopicSeries& FoldMetrics::TopicOf(PartitionSlot slot, const std::string& topic) {
  if (slot >= by_slot_.size()) by_slot_.resize(slot + 1);
  TopicSeries& series = by_slot_[slot];
  if (series.accepted == nullptr) {
    series = {.messages = &metrics_.counter(Metric::kMessages, {topic}),
              .bytes = &metrics_.counter(Metric::kBytes, {topic}),
              .accepted = &metrics_.counter(Metric::kRecords, {topic, "accepted"}),
              .irrelevant = &metrics_.counter(Metric::kRecords, {topic, "irrelevant"}),
              .rejected = &metrics_.counter(Metric::kRecords, {topic, "rejected"})};
  }
  return series;
}

void FoldMetrics::CountSignalMessage(PartitionSlot slot, const std::string& topic, size_t bytes) {
  if (slot >= by_slot_.size()) by_slot_.resize(slot + 1);
  TopicSeries& series = by_slot_[slot];
  if (series.messages == nullptr) {
    series.messages = &metrics_.counter(Metric::kMessages, {topic});
    series.bytes = &metrics_.counter(Metric::kBytes, {topic});
  }
  series.messages->Add();
  series.bytes->Add(static_cast<double>(bytes));
}

void FoldMetrics::CountMessage(PartitionSlot slot, const std::string& topic, size_t bytes,
                               const ParsedMessage& parsed) {
  uint64_t irrelevant = 0;
  for (const IrrelevantCount& count : parsed.irrelevant) {
    irrelevant += count.records;
    metrics_.counter(Metric::kIrrelevant, {IrrelevantLabel(parsed.Text(count.category))})
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

Counter& FoldMetrics::FailuresOf(const Signal& signal, const ParsedMessage& parsed) {
  const std::pair key(std::string(tenants_.LabelOf(parsed.Text(signal.tenant_text))), signal.code);
  Counter*& counter = failures_[key];
  if (counter == nullptr) {
    counter = &metrics_.counter(Metric::kWatchedFailures, {std::to_string(signal.code), key.first});
  }
  return *counter;
}

void FoldMetrics::CountFacts(const Ticket& ticket) {
  for (const FindingName& finding : kFindingNames) {
    if (ticket.findings.*finding.holds) {
      metrics_.counter(Metric::kBurstFindings, {finding.name}).Add();
    }
  }
  for (const GuideAnswer& answer : TicketAnswers(ticket)) {
    metrics_.counter(Metric::kGuideAnswers, {GuideQuestionName(answer.question)}).Add();
  }
}

void FoldMetrics::CountRevision(const Ticket& ticket) {
  metrics_.counter(Metric::kTicketRevisions, {RevisionReasonName(ticket.reason)}).Add();
  const char* scope = ticket.scope == GroupBy::kUser ? "user" : "tenant";
  const char* cause = CauseName(ticket.cause);
  const char* severity = SeverityName(ticket.severity);
  switch (ticket.reason) {
    case RevisionReason::kOpened:
    case RevisionReason::kReopened:
      metrics_.counter(Metric::kBurstsOpened, {ticket.detector, scope, cause, severity}).Add();
      break;
    case RevisionReason::kResolved: {
      const char* resolution = ResolutionName(ticket.resolution);
      metrics_
          .counter(Metric::kTicketsResolved, {ticket.detector, scope, cause, severity,
                                              resolution == nullptr ? "" : resolution})
          .Add();
      CountFacts(ticket);
      metrics_.histogram(Metric::kBurstSize, {ticket.detector})
          .Observe(static_cast<double>(ticket.event_count));
      metrics_.histogram(Metric::kBurstDuration, {ticket.detector})
          .Observe(Seconds(ticket.last_event_time - ticket.first_event_time));
      metrics_.histogram(Metric::kBurstUsers, {ticket.detector})
          .Observe(static_cast<double>(ticket.distinct_users));
      break;
    }
    default:
      break;
  }
}

void FoldMetrics::CountGap(const std::string& topic, int64_t messages) {
  metrics_.counter(Metric::kOffsetGaps, {topic}).Add(static_cast<double>(messages));
}

void FoldMetrics::CountUnreadable(PartitionSlot slot, const std::string& topic,
                                  UnreadableReason reason) {
  metrics_.counter(Metric::kUnreadableBatches, {topic, UnreadableReasonName(reason)}).Add();
  metrics_.counter(Metric::kRejected, {kUnreadableRecord}).Add();
  TopicOf(slot, topic).rejected->Add();
  ++totals_.records;
  ++totals_.rejected;
}

void FoldMetrics::CountMadeAnew(const std::string& topic) {
  metrics_.counter(Metric::kMadeAnew, {topic}).Add();
}

void FoldMetrics::CountSetBack(size_t watermarks) {
  metrics_.counter(Metric::kWatermarksSetBack).Add(static_cast<double>(watermarks));
}

void FoldMetrics::CountDetection(const DetectorCounters& now, DetectorCounters* counted) {
  const auto add = [](Counter& counter, uint64_t is, uint64_t& was) {
    if (is > was) counter.Add(static_cast<double>(is - was));
    was = is;
  };
  add(metrics_.counter(Metric::kDuplicates), now.duplicates, counted->duplicates);
  add(metrics_.counter(Metric::kLateRecords), now.late, counted->late);
  add(metrics_.counter(Metric::kLateDropped), now.late_dropped, counted->late_dropped);
  for (size_t i = 0; i < kEvictionCount; ++i) {
    if (now.evictions[i] == counted->evictions[i]) continue;
    add(metrics_.counter(Metric::kEvictions, {EvictionName(static_cast<Eviction>(i))}),
        now.evictions[i], counted->evictions[i]);
  }
  for (size_t i = 0; i < kChangeKindCount; ++i) {
    if (now.credential_events[i] == counted->credential_events[i]) continue;
    add(metrics_.counter(Metric::kCredentialEvents, {ChangeKindName(static_cast<ChangeKind>(i))}),
        now.credential_events[i], counted->credential_events[i]);
  }
  for (const auto& [operation, count] : now.unknown_password_operations) {
    uint64_t& was = counted->unknown_password_operations[operation];
    if (count != was) add(metrics_.counter(Metric::kUnknownOperations, {operation}), count, was);
  }
}

}  // namespace signinwatch
