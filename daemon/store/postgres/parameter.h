// What goes into a statement, in PostgreSQL's binary form
// (https://www.postgresql.org/docs/15/protocol-overview.html, "Formats and Format Codes"; arrays as
// array_recv reads them). All integers are bigint, so that no statement has to say how wide they
// are.
//
//   connection.Run(kSql, {Integer(17), Text("soc")}, deadline);
//   ArrayParameter keys(Type::kBytes);
//   keys.Add(row.key);
//   ... std::move(keys).Take() ...
#ifndef SIGNINWATCH_DAEMON_STORE_POSTGRES_PARAMETER_H_
#define SIGNINWATCH_DAEMON_STORE_POSTGRES_PARAMETER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "parser/event_time.h"

namespace signinwatch::store::postgres {

enum class Type : uint8_t { kInteger, kText, kBytes };

struct Parameter {
  uint32_t oid = 0;
  std::string bytes;
};

[[nodiscard]] Parameter Integer(int64_t value);
[[nodiscard]] Parameter Time(EventTime time);  // microseconds since 1970
// PostgreSQL takes neither invalid UTF-8 nor U+0000 in a text: U+FFFD stands for them, in what is
// stored and in what is looked for.
[[nodiscard]] Parameter Text(std::string_view text);
[[nodiscard]] Parameter Bytes(std::string_view bytes);

// One column of what unnest() makes rows of.
class ArrayParameter {
 public:
  explicit ArrayParameter(Type type);
  void Add(int64_t value);
  void Add(EventTime time) { Add(int64_t{time.time_since_epoch().count()}); }
  void Add(std::string_view text_or_bytes);
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] Parameter Take() &&;

 private:
  const Type type_;
  size_t size_ = 0;
  std::string bytes_;
};

// Of a bigint in binary form.
[[nodiscard]] int64_t IntegerOf(std::string_view bytes);

}  // namespace signinwatch::store::postgres

#endif  // SIGNINWATCH_DAEMON_STORE_POSTGRES_PARAMETER_H_
