#include "daemon/store/postgres/session.h"

namespace signinwatch::store::postgres {
namespace {

constexpr int kTries = 3;
constexpr std::chrono::milliseconds kRefusedFor{500};

}  // namespace

absl::Status Session::With(const Work& work) { return Try(work, /*again_if_lost=*/true); }

absl::Status Session::Once(const Work& work) { return Try(work, /*again_if_lost=*/false); }

absl::Status Session::Try(const Work& work, bool again_if_lost) {
  const std::lock_guard lock(mutex_);
  absl::Status s;
  for (int tries = 0; tries < kTries; ++tries) {
    const bool was_used = connection_ != nullptr;
    if (!was_used) {
      if (absl::Status c = Connect(); !c.ok()) return c;
    }
    s = work(*connection_, options_.clock.Steady() + kCallPatience);
    const bool again =
        IsConflict(connection_->sqlstate()) || (connection_->lost() && was_used && again_if_lost);
    // An old primary stays one: the next connection goes to the new.
    if (connection_->lost() || connection_->sqlstate() == "25006") connection_.reset();
    if (s.ok() || !again) return s;
  }
  return s;
}

absl::Status Session::Connect() {
  const clock::SteadyTime now = options_.clock.Steady();
  if (now < refused_until_) return refused_;
  auto connection = Connection::Open(options_, now + kConnectPatience);
  if (!connection.ok()) {
    refused_ = connection.status();
    refused_until_ = options_.clock.Steady() + kRefusedFor;
    return refused_;
  }
  connection_ = *std::move(connection);
  return absl::OkStatus();
}

}  // namespace signinwatch::store::postgres
