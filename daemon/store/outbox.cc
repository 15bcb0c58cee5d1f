#include "daemon/store/outbox.h"

#include "absl/strings/str_cat.h"

namespace signinwatch {

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

}  // namespace signinwatch
