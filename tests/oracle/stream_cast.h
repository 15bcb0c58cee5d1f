// Who and what a random stream is about: its configuration, its people, and single records.
#ifndef SIGNINWATCH_TESTS_ORACLE_STREAM_CAST_H_
#define SIGNINWATCH_TESTS_ORACLE_STREAM_CAST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/oracle/oracle_config.h"
#include "tests/oracle/plain_record.h"
#include "tests/oracle/random.h"

namespace signinwatch::oracle {

[[nodiscard]] OracleConfig RandomConfig(Random* random);

// Where a sign-in comes from.
struct Source {
  std::string address;
  std::string network;
  std::string country;
  std::string device_id;
};
// Some sources share a network, a country or a device; some lack one of them.
[[nodiscard]] const std::vector<Source>& Sources();

struct Person {
  std::string tenant;
  std::string id;                  // empty: known by name only, or not at all
  std::vector<std::string> names;  // empty: no user principal name
  Source home;
  std::string user_type{};
  std::string home_tenant{};
};
// 2 to 8 people of 1 to 3 tenants: with an id and one name, two names, no name; known by name only
// (a name that somebody with an id has too, a name that is spelled as a GUID); nobody at all. Some
// are guests by their type, some by their name, some only seem so.
[[nodiscard]] std::vector<Person> RandomPeople(Random* random);

[[nodiscard]] std::string RandomId(Random* random);

// A sign-in of `person`; everything that is left open by the arguments is random.
[[nodiscard]] PlainRecord RandomSignin(const Person& person, int64_t code, int64_t time_us,
                                       Random* random);
// A successful audit record of an operation of `kind` (a kind of SPEC 6.1), with an actor that
// fits.
[[nodiscard]] PlainRecord RandomCredentialEvent(const Person& person, const std::string& kind,
                                                int64_t time_us, Random* random);
// An audit record that is no credential event: failed, of another operation, or of no user.
[[nodiscard]] PlainRecord RandomOtherAudit(const Person& person, int64_t time_us, Random* random);

// A risk event of `person`, some without an id.
[[nodiscard]] PlainRecord RandomRiskEvent(const Person& person, int64_t time_us, Random* random);
// A change of the person's security info: they are its target, or without one its actor; a few
// failed, or are of another operation.
[[nodiscard]] PlainRecord RandomSecurityInfo(const Person& person, int64_t time_us, Random* random);
// A change of a Conditional Access policy in the person's tenant; a few failed.
[[nodiscard]] PlainRecord RandomPolicyChange(const Person& person, int64_t time_us, Random* random);

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_STREAM_CAST_H_
