// Which fields of a ticket elsewhere are as we wrote them last, and so which a person has changed
// since. Kept as RemoteTicket::memo: of each field its name and a hash of its value, which is
// enough to see a change, and small. Where the outcome of a request is not known a field may have
// several values that are ours. Pure.
#ifndef SIGNINWATCH_DAEMON_SINKS_WRITTEN_FIELDS_H_
#define SIGNINWATCH_DAEMON_SINKS_WRITTEN_FIELDS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

class WrittenFields {
 public:
  [[nodiscard]] static WrittenFields FromText(std::string_view text);
  // At most kRemoteMemoBytesMax: fields that have no room are forgotten, and count as ours.
  [[nodiscard]] std::string ToText() const;

  // The system's own line beside them (RemoteHandle::memo); beyond kMemoBytesMax it is cut.
  static constexpr size_t kMemoBytesMax = 500;
  [[nodiscard]] const std::string& memo() const { return memo_; }
  void set_memo(std::string_view memo);

  // These are about to be written, but for those of `left`; or they were.
  void MayWrite(const RemoteFields& fields, const std::set<std::string>& left);
  void Wrote(const RemoteFields& fields, const std::set<std::string>& left);
  // The names of those that were written and are something else now.
  [[nodiscard]] std::set<std::string> ChangedIn(const RemoteFields& now) const;

 private:
  static constexpr size_t kValuesMax = 4;  // of one field; the oldest are forgotten

  std::string memo_;
  std::map<std::string, std::vector<uint64_t>> hashes_;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_WRITTEN_FIELDS_H_
