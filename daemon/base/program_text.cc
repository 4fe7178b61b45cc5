#include "base/program_text.h"

#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <span>

namespace mailchute {

namespace {

/// Code that the loader has written into (DT_TEXTREL, hardly ever seen) would come back as it is in the file.
bool is_relocated(const dl_phdr_info& object, const ElfW(Phdr) & segment) {
  if (segment.p_type != PT_DYNAMIC) return false;
  const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(object.dlpi_addr + segment.p_vaddr);
  for (; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_TEXTREL) return true;
    if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0) return true;
  }
  return false;
}

/// A segment that nobody may write is the same in memory as in its file, so the kernel can bring it back.
void let_go(const dl_phdr_info& object, const ElfW(Phdr) & segment) {
  if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) return;
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const std::uintptr_t begin = (object.dlpi_addr + segment.p_vaddr) & ~(page - 1);
  const std::uintptr_t end = object.dlpi_addr + segment.p_vaddr + segment.p_memsz;
  // Refused where memory is locked: then it was meant to stay.
  madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

int let_go_of_object(dl_phdr_info* object, std::size_t, void*) {
  const std::span segments(object->dlpi_phdr, object->dlpi_phnum);
  for (const auto& segment : segments) {
    if (is_relocated(*object, segment)) return 0;
  }
  for (const auto& segment : segments) let_go(*object, segment);
  return 0;
}

}  // namespace

void let_go_of_program_text() { dl_iterate_phdr(let_go_of_object, nullptr); }

}  // namespace mailchute
