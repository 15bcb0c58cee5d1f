#include "tests/oracle/detector_run.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "daemon/words/ticket_json.h"
#include "detectors/detector.h"
#include "detectors/ticket.h"
#include "detectors/watermark.h"
#include "parser/message_parser.h"
#include "parser/table_hash.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/receiver.h"
#include "tests/oracle/record_text.h"

namespace signinwatch::oracle {
namespace {

using Json = nlohmann::json;

// After every record, so that none is `future`.
constexpr EventTime kReferenceTime{std::chrono::hours(24 * 365 * 100)};
// Where the wall clock begins, if the arrival has one.
constexpr EventTime kWallClock{std::chrono::hours(24 * 365 * 60)};

class Runner {
 public:
  Runner(const Arrival& arrival, const std::vector<PlainRecord>& records,
         const OracleConfig& config)
      : arrival_(arrival),
        records_(records),
        config_(ConfigOf(arrival, config)),
        parser_(ParserOptions{}),
        now_{.step = 0,
             .tracker = WatermarkTracker(arrival.partitions, Duration{arrival.allowed_lateness}),
             .receiver = {},
             .rows = {},
             .has_rows = false},
        saved_(now_),
        detector_(std::make_unique<Detector>(config_)) {}

  DetectorRun Run() {
    while (now_.step < arrival_.steps.size() && run_.broken.empty()) {
      const Step& step = arrival_.steps[now_.step];
      wall_clock_ += Duration{arrival_.clock_step};
      switch (step.what) {
        case Step::What::kRecord:
          batch_.push_back(&step);
          break;
        case Step::What::kBatchEnds:
          ApplyBatch();
          break;
        case Step::What::kIdle:
          ApplyBatch();
          now_.tracker.SetIdle(step.partition);
          Advance();
          break;
        case Step::What::kSave:
          ApplyBatch();
          Save(step.whole);
          break;
        case Step::What::kRestart:
          if (restarted_.insert(now_.step).second) {
            Restart();
            continue;
          }
          break;
      }
      ++now_.step;
    }
    ApplyBatch();
    detector_->Finish(Moment());
    TakeRevisions(std::nullopt);
    now_.receiver.End();
    if (run_.broken.empty()) run_.broken = now_.receiver.broken();
    if (run_.broken.empty()) CollectTickets();
    return std::move(run_);
  }

 private:
  // What a commit keeps together: the position, what was sent, and the detector's rows.
  struct Progress {
    size_t step = 0;
    WatermarkTracker tracker;
    Receiver receiver;
    std::map<std::string, std::string> rows;
    bool has_rows = false;
  };

  [[nodiscard]] static DetectionConfig ConfigOf(const Arrival& arrival,
                                                const OracleConfig& config) {
    DetectionConfig c = ToDetectionConfig(config);
    if (arrival.tickets_max > 0) c.limits.tickets = arrival.tickets_max;
    return c;
  }

  [[nodiscard]] EventTime Moment() const {
    if (arrival_.clock_step > 0) return wall_clock_;
    return std::max(now_.tracker.greatest_event_time(), now_.tracker.stream_watermark());
  }
  void Advance() {
    detector_->AdvanceTo(now_.tracker.stream_watermark(), Moment());
    TakeRevisions(Moment());
  }

  void ApplyBatch() {
    if (batch_.empty()) return;
    std::string message;
    for (const Step* step : batch_) {
      message += message.empty() ? "{\"records\":[" : ",";
      message += RecordText(records_[step->record], step->variant);
    }
    parser_.Parse(message + "]}", kReferenceTime, &parsed_);
    if (parsed_.signals.size() != batch_.size()) {
      run_.broken = "the parser did not accept all of " + message + "]}";
      return;
    }
    for (size_t i = 0; i < batch_.size(); ++i) {
      const Signal& signal = parsed_.signals[i];
      if (!signal.is_risk_event()) {
        now_.tracker.Observe(batch_[i]->partition, signal.event_time);
      }
      const Outcome outcome = detector_->Apply(signal, parsed_, Moment());
      TakeRevisions(Moment());
      if ((outcome.late || outcome.late_dropped) && !arrival_.may_be_late) {
        run_.broken = "late: " + RecordText(records_[batch_[i]->record], batch_[i]->variant);
      }
      if (!arrival_.watermark_per_batch) Advance();
    }
    Advance();
    batch_.clear();
  }

  void Save(bool whole) {
    const auto keep = [&](StateRow row) {
      if (row.value.empty()) {
        now_.rows.erase(row.key);
      } else {
        now_.rows[std::move(row.key)] = std::move(row.value);
      }
    };
    if (whole) {
      now_.rows.clear();
      detector_->Save(keep);
    } else {
      detector_->SaveChanges(keep);
    }
    now_.has_rows = true;
    saved_ = now_;
    saved_.step = now_.step + 1;
  }

  void Restart() {
    batch_.clear();
    now_ = saved_;
    detector_ = std::make_unique<Detector>(ConfigOfRestart());
    if (!now_.has_rows) return;
    const auto rows = [this](const StateVisitor& visit) {
      const auto head = now_.rows.find(std::string(kStateHead));
      if (head != now_.rows.end() && !visit({head->first, head->second})) return;
      for (auto row = now_.rows.begin(); row != now_.rows.end(); ++row) {
        if (row != head && !visit({row->first, row->second})) return;
      }
    };
    if (!detector_->Load(rows)) run_.broken = "the saved state could not be loaded";
  }

  // Every other restart has a rule more, of a code that no record has: tracks, tickets and codes
  // move to other places, and no ticket may change for that.
  [[nodiscard]] DetectionConfig ConfigOfRestart() const {
    DetectionConfig config = config_;
    const size_t restarts = restarted_.size();
    if (restarts % 2 == 1) {
      const bool by_user = restarts % 4 == 1;
      config.rules.insert(config.rules.begin(),
                          {.name = by_user ? "idle-users" : "idle-tenants",
                           .codes = {1},
                           .group_by = by_user ? GroupBy::kUser : GroupBy::kTenant,
                           .max_duration = config.rules.front().max_duration});
    }
    return config;
  }

  void TakeRevisions(std::optional<EventTime> moment) {
    for (const Ticket& ticket : detector_->TakeRevisions()) now_.receiver.Take(ticket, moment);
    if (run_.broken.empty()) run_.broken = now_.receiver.broken();
  }

  void CollectTickets() {
    std::map<std::string, Json> by_id;  // without the merged ones
    for (const auto& [id, ticket] : now_.receiver.tickets()) {
      if (ticket.state != TicketState::kMerged)
        by_id[id] = Json::parse(words::TicketToJson(ticket));
    }
    for (auto [id, ticket] : by_id) {
      ticket["parent_key"] = nullptr;
      if (ticket["parent_ticket_id"].is_string()) {
        const auto parent = by_id.find(ticket["parent_ticket_id"].get<std::string>());
        ticket["parent_key"] = parent == by_id.end()
                                   ? "a ticket that is not there"
                                   : parent->second["detector"].get<std::string>() + "|" +
                                         parent->second["tenant_id"].get<std::string>() + "|" +
                                         parent->second["first_event_time"].get<std::string>();
      }
      for (const char* field :
           {"ticket_id", "revision", "reason", "opened_at", "resolved_at", "parent_ticket_id"}) {
        ticket.erase(field);
      }
      run_.tickets.push_back(std::move(ticket));
    }
    std::sort(run_.tickets.begin(), run_.tickets.end(),
              [](const Json& a, const Json& b) { return SortKey(a) < SortKey(b); });
    for (Json& ticket : run_.tickets) {
      std::string& words = run_.words.emplace_back();
      for (const char* field : {"title", "summary", "url", "runbook"}) {
        words += ticket[field].dump() + "\n";
        ticket.erase(field);
      }
    }
  }

  const Arrival& arrival_;
  const std::vector<PlainRecord>& records_;
  const DetectionConfig config_;
  MessageParser parser_;
  ParsedMessage parsed_;
  Progress now_;
  Progress saved_;
  std::unique_ptr<Detector> detector_;
  EventTime wall_clock_ = kWallClock;  // goes on through restarts
  std::vector<const Step*> batch_;
  std::set<size_t> restarted_;
  DetectorRun run_;
};

ChangeKind KindOfName(const std::string& name) {
  for (int kind = 0; kind <= kChangeKindCount; ++kind) {
    if (name == ChangeKindName(static_cast<ChangeKind>(kind))) return static_cast<ChangeKind>(kind);
  }
  return ChangeKind::kIgnore;
}

std::string Brief(const Json& ticket) {
  return ticket["detector"].get<std::string>() + " " + ticket["tenant_id"].get<std::string>() +
         " " + ticket["user_id"].dump() + " " + ticket["user_principal_name"].dump() + " at " +
         ticket["first_event_time"].get<std::string>();
}

std::optional<std::string> FieldDifference(const Json& expected, const Json& actual) {
  for (const auto& [field, value] : expected.items()) {
    if (!actual.contains(field)) return field + " is missing";
    if (actual[field] != value) {
      return field + ": expected " + value.dump() + ", got " + actual[field].dump();
    }
  }
  for (const auto& [field, value] : actual.items()) {
    if (!expected.contains(field)) return field + " is unknown to the contract";
  }
  return std::nullopt;
}

}  // namespace

DetectionConfig ToDetectionConfig(const OracleConfig& config) {
  DetectionConfig c;
  c.rules.clear();
  for (const OracleRule& rule : config.rules) {
    c.rules.push_back({.name = rule.name,
                       .codes = {rule.codes.begin(), rule.codes.end()},
                       .group_by = rule.by_tenant ? GroupBy::kTenant : GroupBy::kUser,
                       .window = Duration{rule.window},
                       .threshold = static_cast<uint32_t>(rule.threshold),
                       .min_users = static_cast<uint32_t>(rule.min_users),
                       .quiet = Duration{rule.quiet},
                       .max_duration = Duration{rule.max_duration}});
  }
  c.time.allowed_lateness = Duration{config.allowed_lateness};
  c.time.max_clock_skew = Duration{config.max_clock_skew};
  c.time.dedup_horizon = Duration{config.dedup_horizon};
  c.correlation.lookback = Duration{config.lookback};
  for (const auto& [operation, kind] : config.operations) {
    c.correlation.operations[operation] = KindOfName(kind);
  }
  c.correlation.correlation_grace = Duration{config.correlation_grace};
  c.correlation.familiar_days = config.familiar_days;
  c.correlation.unfamiliar_address = config.unfamiliar_address;
  c.correlation.unfamiliar_country = config.unfamiliar_country;
  c.correlation.unfamiliar_device = config.unfamiliar_device;
  c.correlation.risk_before = Duration{config.risk_before};
  c.correlation.theft_risks = config.theft_risks;
  c.correlation.security_info_operations = config.security_info_operations;
  c.tickets.revise_risks_for = Duration{config.revise_risks_for};
  c.tickets.reopen_within = Duration{config.reopen_within};
  c.tickets.persistent_after = Duration{config.persistent_after};
  return c;
}

DetectorRun RunDetector(const Arrival& arrival, const std::vector<PlainRecord>& records,
                        const OracleConfig& config) {
  // Each arrival has tables of another seed (parser/table_hash.h): no ticket may depend on it.
  SeedTables(arrival.steps.size() * 0x9e3779b97f4a7c15u);
  return Runner(arrival, records, config).Run();
}

std::optional<std::string> FirstDifference(const std::vector<Json>& expected,
                                           const std::vector<Json>& actual) {
  for (size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
    if (i == actual.size() || (i < expected.size() && SortKey(expected[i]) < SortKey(actual[i]))) {
      return "no ticket of " + Brief(expected[i]);
    }
    if (i == expected.size() || SortKey(actual[i]) < SortKey(expected[i])) {
      return "a ticket too many, of " + Brief(actual[i]);
    }
    if (auto difference = FieldDifference(expected[i], actual[i])) {
      return Brief(expected[i]) + ": " + *difference;
    }
  }
  return std::nullopt;
}

}  // namespace signinwatch::oracle
