// What is known of tickets at one sink, in memory: for what must not touch the daemon's store.
#ifndef SIGNINWATCH_DAEMON_REHEARSAL_SCRATCH_OUTBOX_H_
#define SIGNINWATCH_DAEMON_REHEARSAL_SCRATCH_OUTBOX_H_

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/outbox.h"

namespace signinwatch::rehearsal {

// Nothing waits in it: who uses it sends by itself. For one thread.
class ScratchOutbox : public store::Outbox {
 public:
  // Of all tickets.
  store::RolledUp rolled_up = {};

  absl::Status NoteRemote(const store::RemoteTicket& remote) override {
    std::vector<store::RemoteTicket>& known = remotes_[remote.ticket_id];
    if (known.empty() || known.back().generation != remote.generation) known.emplace_back();
    known.back() = remote;
    return absl::OkStatus();
  }
  absl::Status RemoteTickets(const std::string& /*sink*/, const std::string& ticket_id,
                             std::vector<store::RemoteTicket>* remotes) override {
    const auto known = remotes_.find(ticket_id);
    if (known != remotes_.end()) *remotes = known->second;
    return absl::OkStatus();
  }
  absl::Status Acknowledge(const std::string& /*sink*/,
                           std::span<const store::DeliveryOutcome> outcomes,
                           EventTime /*now*/) override {
    for (const store::DeliveryOutcome& outcome : outcomes) {
      if (outcome.remote) (void)NoteRemote(*outcome.remote);
    }
    return absl::OkStatus();
  }
  absl::Status RolledUpUnder(const std::string& /*sink*/, const std::string& /*ticket_id*/,
                             EventTime /*as_of*/, store::RolledUp* rolled) override {
    *rolled = rolled_up;
    return absl::OkStatus();
  }
  absl::Status NextDeliveries(const std::string& /*sink*/, int64_t /*after*/, size_t /*limit*/,
                              std::vector<store::Delivery>* /*deliveries*/) override {
    return absl::OkStatus();
  }
  absl::Status ToldTickets(const std::string& /*sink*/,
                           std::vector<store::ToldTicket>* /*told*/) override {
    return absl::OkStatus();
  }
  absl::Status FailedDeliveries(size_t /*limit*/,
                                std::vector<store::FailedDelivery>* /*failed*/) override {
    return absl::OkStatus();
  }
  absl::Status OutboxSizes(std::vector<store::OutboxSize>* /*sizes*/) override {
    return absl::OkStatus();
  }
  absl::StatusOr<uint64_t> ClaimsVersion(clock::SteadyTime /*now*/) override { return uint64_t{0}; }
  [[nodiscard]] std::vector<std::pair<std::string, uint64_t>> dropped_deliveries() const override {
    return {};
  }

 private:
  std::map<std::string, std::vector<store::RemoteTicket>> remotes_;
};

}  // namespace signinwatch::rehearsal

#endif  // SIGNINWATCH_DAEMON_REHEARSAL_SCRATCH_OUTBOX_H_
