#include "tests/stories/detection_run.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "parser/signal.h"

namespace signinwatch {

DetectionRun::DetectionRun(const DetectionConfig& config, const ParserOptions& parser,
                           EventTime now, size_t partitions)
    : detector_(config),
      parser_(parser),
      watermarks_(partitions, config.time.allowed_lateness),
      now_(now) {}

EventTime DetectionRun::Moment() const {
  return std::max(watermarks_.greatest_event_time(), watermarks_.stream_watermark());
}

void DetectionRun::Take() {
  for (Ticket& ticket : detector_.TakeRevisions()) revisions_.push_back(std::move(ticket));
}

void DetectionRun::Read(size_t partition, std::string_view message) {
  parser_.Parse(message, now_, &parsed_);
  counts_.records += parsed_.records;
  counts_.accepted += parsed_.signals.size();
  counts_.rejected += parsed_.rejected();
  for (const IrrelevantCount& irrelevant : parsed_.irrelevant)
    counts_.irrelevant += irrelevant.records;
  for (const Signal& signal : parsed_.signals) {
    if (signal.is_risk_event()) {  // as replay does it
      detector_.Apply(signal, parsed_, Moment());
      continue;
    }
    const Outcome outcome = detector_.Apply(signal, parsed_, std::max(Moment(), signal.event_time));
    counts_.duplicates += outcome.duplicate ? 1 : 0;
    counts_.late += outcome.late ? 1 : 0;
    counts_.late_dropped += outcome.late_dropped ? 1 : 0;
    watermarks_.Observe(partition, signal.event_time);
    detector_.AdvanceTo(watermarks_.stream_watermark(), Moment());
  }
  Take();
}

void DetectionRun::EndPartition(size_t partition) {
  watermarks_.SetIdle(partition);
  detector_.AdvanceTo(watermarks_.stream_watermark(), Moment());
  Take();
}

void DetectionRun::Finish() {
  detector_.Finish(Moment());
  Take();
}

std::vector<Ticket> DetectionRun::FinalTickets() const {
  std::map<std::string, const Ticket*> last;
  for (const Ticket& ticket : revisions_) last[ticket.ticket_id] = &ticket;
  std::vector<Ticket> tickets;
  for (const auto& [id, ticket] : last) {
    if (ticket->state != TicketState::kMerged) tickets.push_back(*ticket);
  }
  std::sort(tickets.begin(), tickets.end(), [](const Ticket& a, const Ticket& b) {
    return std::tie(a.first_event_time, a.tenant_id, a.detector, a.user_id, a.user_principal_name) <
           std::tie(b.first_event_time, b.tenant_id, b.detector, b.user_id, b.user_principal_name);
  });
  return tickets;
}

}  // namespace signinwatch
