#include "tests/detectors/detector_driver.h"

#include <algorithm>
#include <utility>

#include "parser/ids.h"
#include "parser/ip_address.h"

namespace signinwatch {

DetectorDriver::DetectorDriver(const DetectionConfig& config)
    : config_(config), detector_(std::make_unique<Detector>(config)) {}

TextRef DetectorDriver::Text(std::string_view text) {
  const TextRef ref{static_cast<uint32_t>(message_.text.size()),
                    static_cast<uint32_t>(text.size())};
  message_.text += text;
  return ref;
}

Signal& DetectorDriver::Begin(std::string_view tenant, std::string_view user, std::string_view id,
                              EventTime time) {
  message_.Clear();
  Signal& signal = message_.signals.emplace_back();
  signal.event_time = time;
  signal.tenant = MakeId<TenantId>(tenant);
  signal.tenant_text = Text(tenant);
  signal.user = MakeId<UserId>(user);
  signal.user_text = Text(user);
  signal.id = MakeId<RecordId>(id);
  if (signal.id.form != IdForm::kGuid) signal.id_text = Text(id);
  return signal;
}

Outcome DetectorDriver::Apply(const SignIn& sign_in) {
  Signal& signal = Begin(sign_in.tenant, sign_in.user, sign_in.id, kStart + sign_in.at);
  signal.category = sign_in.category;
  signal.code = sign_in.code;
  signal.guest = sign_in.guest;
  signal.interactive = sign_in.interactive;
  signal.modern_client = true;
  signal.user_principal_name = Text(sign_in.name);
  signal.address = ParseIpAddress(sign_in.address);
  signal.country = Text(sign_in.country);
  signal.country_key = sign_in.country.empty() ? 0 : HashText64(sign_in.country);
  signal.device_id = Text(sign_in.device);
  signal.device_key = sign_in.device.empty() ? 0 : HashText64(sign_in.device);
  signal.home_tenant = Text(sign_in.home_tenant);
  if (sign_in.code == 0) {
    signal.mfa_method = Text(sign_in.mfa_method);
    return Apply(signal.event_time);
  }
  signal.detail = 0;
  FailureDetail& detail = message_.failures.emplace_back();
  detail.conditional_access = sign_in.conditional_access;
  detail.risk = sign_in.risk;
  detail.client = Text(sign_in.client);
  detail.token_type = Text(sign_in.token_type);
  detail.session = Text(sign_in.session);
  for (const std::string& policy : sign_in.failing_policies) {
    message_.failing_policies.push_back(Text(policy));
  }
  detail.policies_end = static_cast<uint32_t>(message_.failing_policies.size());
  return Apply(signal.event_time);
}

Outcome DetectorDriver::Apply(const Risk& risk) {
  Signal& signal = Begin("tenant1", risk.user, risk.id, kStart + risk.at);
  signal.category = Category::kUserRisk;
  signal.detail = 0;
  RiskDetail& detail = message_.risks.emplace_back();
  detail.type = Text(risk.type);
  detail.level = Text(risk.level);
  detail.state = Text(risk.state);
  detail.last_updated = signal.event_time + risk.updated;
  const Outcome outcome = detector_->Apply(signal, message_, Moment());
  Take();
  return outcome;
}

Outcome DetectorDriver::Apply(const Audit& audit) {
  Signal& signal = Begin(audit.tenant, audit.user, audit.id, kStart + audit.at);
  signal.category = Category::kAudit;
  signal.detail = 0;
  AuditDetail& detail = message_.audits.emplace_back();
  detail.success = true;
  detail.operation = Text(audit.operation);
  detail.actor_user_principal_name = Text(audit.actor);
  detail.target_name = Text(audit.target_name);
  return Apply(signal.event_time);
}

std::function<void(const StateVisitor&)> RowsIn(std::vector<StateRow> rows) {
  std::stable_partition(rows.begin(), rows.end(),
                        [](const StateRow& row) { return row.key == kStateHead; });
  return [rows = std::move(rows)](const StateVisitor& visit) {
    (void)std::all_of(rows.begin(), rows.end(), visit);
  };
}

Outcome DetectorDriver::Apply(EventTime time) {
  greatest_ = std::max(greatest_, time);
  const Outcome outcome = detector_->Apply(message_.signals.front(), message_, Moment());
  Take();
  return outcome;
}

void DetectorDriver::Burst(Duration at, int count, Duration apart) {
  for (int i = 0; i < count; ++i) Apply(SignIn{.at = at + i * apart});
}

void DetectorDriver::AdvanceTo(Duration at) {
  const EventTime watermark = kStart + at;
  greatest_ = std::max(greatest_, watermark);
  detector_->AdvanceTo(watermark, Moment());
  Take();
}

void DetectorDriver::Finish() {
  detector_->Finish(Moment());
  Take();
}

EventTime DetectorDriver::Moment() const { return moment_.value_or(greatest_); }

void DetectorDriver::Take() {
  for (Ticket& ticket : detector_->TakeRevisions()) revisions_.push_back(std::move(ticket));
}

bool DetectorDriver::SaveAndReload(bool whole) {
  const auto keep = [this](StateRow row) {
    if (row.value.empty()) {
      saved_.erase(row.key);
    } else {
      saved_[std::move(row.key)] = std::move(row.value);
    }
  };
  if (whole) {
    saved_.clear();
    detector_->Save(keep);
  } else {
    detector_->SaveChanges(keep);
  }
  std::vector<StateRow> rows;
  for (const auto& [key, value] : saved_) rows.push_back({key, value});
  return GoOnWith(std::move(rows));
}

bool DetectorDriver::GoOnWith(std::vector<StateRow> rows) {
  detector_ = std::make_unique<Detector>(config_);
  return detector_->Load(RowsIn(std::move(rows)));
}

std::vector<StateRow> DetectorDriver::Rows() {
  std::vector<StateRow> rows;
  detector_->Save([&rows](StateRow row) { rows.push_back(std::move(row)); });
  return rows;
}

std::string DetectorDriver::Reasons() const {
  std::string reasons;
  for (const Ticket& ticket : revisions_) {
    if (!reasons.empty()) reasons += ' ';
    reasons += RevisionReasonName(ticket.reason);
  }
  return reasons;
}

std::vector<Ticket> DetectorDriver::Tickets() const {
  std::vector<Ticket> tickets;
  for (const Ticket& revision : revisions_) {
    const auto same = std::find_if(tickets.begin(), tickets.end(), [&](const Ticket& ticket) {
      return ticket.ticket_id == revision.ticket_id;
    });
    if (same == tickets.end()) {
      tickets.push_back(revision);
    } else {
      *same = revision;
    }
  }
  return tickets;
}

}  // namespace signinwatch
