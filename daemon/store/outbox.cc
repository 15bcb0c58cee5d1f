#include "daemon/store/outbox.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"

namespace signinwatch::store {

int SeverityRank(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames{"info", "low", "medium", "high", "critical"};
  const auto at = std::find(kNames.begin(), kNames.end(), name);
  return at == kNames.end() ? -1 : static_cast<int>(at - kNames.begin());
}

const char* RemoteStateName(RemoteState state) {
  switch (state) {
    case RemoteState::kOpen:
      return "open";
    case RemoteState::kClosed:
      return "closed";
    case RemoteState::kClosedByPerson:
      return "closed_by_person";
  }
  return "";
}

std::string RemoteKey(const std::string& ticket_id, uint32_t generation) {
  return generation <= 1 ? ticket_id : absl::StrCat(ticket_id, "-", generation);
}

absl::Status CheckBounds(const RemoteTicket& remote) {
  const auto check = [&remote](const char* what, size_t bytes, size_t max) {
    return bytes <= max ? absl::OkStatus()
                        : absl::InvalidArgumentError(
                              absl::StrCat(remote.ticket_id, " at ", remote.sink, ": ", what,
                                           " of ", bytes, " bytes, at most ", max, " are kept"));
  };
  absl::Status s = check("a remote id", remote.remote_id.size(), kRemoteIdBytesMax);
  if (s.ok()) s = check("a link", remote.link.size(), kRemoteLinkBytesMax);
  if (s.ok()) s = check("a memo", remote.memo.size(), kRemoteMemoBytesMax);
  if (s.ok() && remote.intent) {
    s = check("an operation", remote.intent->operation.size(), kRemoteOperationBytesMax);
  }
  return s;
}

RemoteState RemoteStateOf(std::string_view name) {
  if (name == RemoteStateName(RemoteState::kOpen)) return RemoteState::kOpen;
  if (name == RemoteStateName(RemoteState::kClosed)) return RemoteState::kClosed;
  return RemoteState::kClosedByPerson;
}

}  // namespace signinwatch::store
