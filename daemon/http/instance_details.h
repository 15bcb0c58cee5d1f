// What instances say of themselves for the pages of the others (store::InstanceFacts::details): one
// writer and one reader.
//
// Pure.
#ifndef SIGNINWATCH_DAEMON_HTTP_INSTANCE_DETAILS_H_
#define SIGNINWATCH_DAEMON_HTTP_INSTANCE_DETAILS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/store/instance_store.h"

namespace signinwatch::http {

// `lag_records`: messages that its partitions still hold for it.
[[nodiscard]] std::string InstanceDetails(uint64_t lag_records);
// Nothing where another version says something else.
[[nodiscard]] std::optional<uint64_t> LagRecordsOf(const store::InstanceFacts& facts);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_INSTANCE_DETAILS_H_
