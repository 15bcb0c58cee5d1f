#include "parser/table_hash.h"

#include "parser/ids.h"

namespace signinwatch {
namespace {
uint64_t table_seed = 0;
}  // namespace

void SeedTables(uint64_t seed) { table_seed = seed; }
uint64_t TableSeed() { return table_seed; }

size_t TableHash::OfText(std::string_view text) const { return HashTextSeeded(text, seed_); }

}  // namespace signinwatch
