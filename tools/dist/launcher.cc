// The program under the name that users call in a bundle: bin/NAME starts libexec/NAME
// with the bundle's own loader and libraries (lib/), wherever the bundle lies.
//
//   bin/NAME               this program
//   libexec/NAME           the program that was bundled
//   lib/                   its libraries, and ld-linux-x86-64.so.2
//
// A program's loader is named in it by an absolute path, so a bundle that can be moved
// has to start the loader itself. Executing it would do, but then the process would be the
// loader's to everyone who asks: in ps, and in /proc/self/exe, by which programs start
// themselves again. So this maps the loader as the kernel does for execve(2), and enters it
// with the arguments
//
//   --inhibit-cache --argv0 ARGV[0] libexec/NAME ARGV[1]...
//
// The program's RPATH, $ORIGIN/../lib, tells it where the libraries are.
// It needs nothing: no C library, no file but the bundle's, no environment, not even /proc
// (without it, it has to be called by a path that is not a symbolic link). Nothing
// is added to the environment, so that children of the program find their own libraries.

#include <elf.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cstddef>
#include <cstdint>

namespace {

constexpr size_t kPageSize = 4096;
constexpr size_t kMaxSegments = 16;  // The loader has 5 to 11.
constexpr int kExitCode = 127;  // As of a shell that cannot start a program.

int64_t Call(int64_t number, int64_t a = 0, int64_t b = 0, int64_t c = 0,
             int64_t d = 0, int64_t e = 0, int64_t f = 0) {
  register int64_t r10 asm("r10") = d;
  register int64_t r8 asm("r8") = e;
  register int64_t r9 asm("r9") = f;
  int64_t result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

int64_t Address(const void* pointer) {
  return static_cast<int64_t>(reinterpret_cast<uintptr_t>(pointer));
}

bool Failed(int64_t result) { return result < 0 && result > -4096; }

size_t Length(const char* text) {
  size_t length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

[[noreturn]] void Die(const char* what, const char* path) {
  const char* const texts[] = {"cannot start: ", what, ": ", path, "\n"};
  for (const char* text : texts) {
    Call(SYS_write, 2, Address(text), static_cast<int64_t>(Length(text)));
  }
  for (;;) Call(SYS_exit_group, kExitCode);
}

// A path in memory of its own. Ends the program where it would become too long.
class Path {
 public:
  void Append(const char* text) { Append(text, Length(text)); }
  void Append(const char* text, size_t length) {
    if (size_ + length >= sizeof(text_)) Die("the path is too long", text_);
    for (size_t i = 0; i < length; ++i) text_[size_++] = text[i];
    text_[size_] = '\0';
  }
  // Where the last slash before `end` is; 0 if there is none.
  size_t Slash(size_t end) const {
    while (end > 0 && text_[--end] != '/') {
    }
    return end;
  }
  const char* text() const { return text_; }
  size_t size() const { return size_; }

 private:
  size_t size_ = 0;
  char text_[PATH_MAX];
};

// The stack as the kernel hands it to a program.
struct ProgramStack {
  explicit ProgramStack(uintptr_t* stack)
      : argument_count(stack[0]), arguments(stack + 1) {
    environment = arguments + argument_count + 1;
    uintptr_t* end = environment;
    while (*end != 0) ++end;
    vector = reinterpret_cast<Elf64_auxv_t*>(end + 1);
    while (vector[vector_count].a_type != AT_NULL) ++vector_count;
    ++vector_count;
  }
  uintptr_t VectorEntry(uint64_t type) const {
    for (size_t i = 0; i < vector_count; ++i) {
      if (vector[i].a_type == type) return vector[i].a_un.a_val;
    }
    return 0;
  }

  size_t argument_count;
  uintptr_t* arguments;
  uintptr_t* environment;  // Ends with a null, as the arguments do.
  Elf64_auxv_t* vector;
  size_t vector_count = 0;  // With AT_NULL.
};

// Where this program lies: absolute, and without symbolic links where /proc tells.
void FindSelf(const ProgramStack& stack, Path* self) {
  char link[PATH_MAX];
  const int64_t size = Call(SYS_readlink, Address("/proc/self/exe"),
                            Address(link), sizeof(link));
  if (!Failed(size)) {
    self->Append(link, static_cast<size_t>(size));
    return;
  }
  const auto* called =
      reinterpret_cast<const char*>(stack.VectorEntry(AT_EXECFN));
  if (called == nullptr) Die("its path is unknown", "no /proc, no AT_EXECFN");
  if (called[0] != '/') {
    const int64_t length = Call(SYS_getcwd, Address(link), sizeof(link));
    if (Failed(length)) Die("the working directory is unknown", called);
    self->Append(link);
    self->Append("/");
  }
  self->Append(called);
}

struct Loader {
  uintptr_t entry;
  uintptr_t program_headers;
  size_t program_header_count;
};

void Read(int64_t file, void* into, size_t size, uint64_t offset,
          const char* path) {
  const int64_t got =
      Call(SYS_pread64, file, Address(into), static_cast<int64_t>(size),
           static_cast<int64_t>(offset));
  if (got != static_cast<int64_t>(size)) Die("the loader cannot be read", path);
}

uintptr_t PageDown(uintptr_t address) { return address & ~(kPageSize - 1); }
uintptr_t PageUp(uintptr_t address) {
  return PageDown(address + kPageSize - 1);
}

uintptr_t Map(uintptr_t address, size_t size, int protection, int flags,
              int64_t file, uint64_t offset, const char* path) {
  const int64_t mapped =
      Call(SYS_mmap, static_cast<int64_t>(address), static_cast<int64_t>(size),
           protection, flags, file, static_cast<int64_t>(offset));
  if (Failed(mapped)) Die("the loader cannot be mapped", path);
  return static_cast<uintptr_t>(mapped);
}

int ProtectionOf(const Elf64_Phdr& segment) {
  return ((segment.p_flags & PF_R) != 0 ? PROT_READ : 0) |
         ((segment.p_flags & PF_W) != 0 ? PROT_WRITE : 0) |
         ((segment.p_flags & PF_X) != 0 ? PROT_EXEC : 0);
}

// Maps a segment of an object that lies at `base`.
void MapSegment(const Elf64_Phdr& segment, uintptr_t base, int64_t file,
                const char* path) {
  const uintptr_t start = base + segment.p_vaddr;
  const uintptr_t file_end = start + segment.p_filesz;
  const uintptr_t memory_end = start + segment.p_memsz;
  const int protection = ProtectionOf(segment);
  Map(PageDown(start), file_end - PageDown(start), protection,
      MAP_PRIVATE | MAP_FIXED, file,
      segment.p_offset - (start - PageDown(start)), path);
  if (memory_end == file_end) return;
  // What the file does not hold is zero: the rest of its last page, and further pages.
  auto* rest = reinterpret_cast<volatile char*>(file_end);
  while (Address(const_cast<char*>(rest)) <
         static_cast<int64_t>(PageUp(file_end))) {
    *rest++ = 0;
  }
  if (PageUp(memory_end) > PageUp(file_end)) {
    Map(PageUp(file_end), PageUp(memory_end) - PageUp(file_end), protection,
        MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0, path);
  }
}

Loader MapLoader(const char* path) {
  const int64_t file = Call(SYS_open, Address(path), O_RDONLY | O_CLOEXEC);
  if (Failed(file)) Die("the loader cannot be opened", path);
  Elf64_Ehdr header;
  Read(file, &header, sizeof(header), 0, path);
  Elf64_Phdr segments[kMaxSegments];
  if (header.e_type != ET_DYN || header.e_machine != EM_X86_64 ||
      header.e_phentsize != sizeof(Elf64_Phdr) ||
      header.e_phnum > kMaxSegments) {
    Die("the loader is none", path);
  }
  Read(file, segments, header.e_phnum * sizeof(Elf64_Phdr), header.e_phoff,
       path);

  uintptr_t end = 0;
  for (size_t i = 0; i < header.e_phnum; ++i) {
    const Elf64_Phdr& segment = segments[i];
    if (segment.p_type == PT_LOAD && segment.p_vaddr + segment.p_memsz > end)
      end = segment.p_vaddr + segment.p_memsz;
  }
  // The whole range first, so that the segments lie together.
  const uintptr_t base =
      Map(0, PageUp(end), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, path);
  for (size_t i = 0; i < header.e_phnum; ++i) {
    if (segments[i].p_type == PT_LOAD)
      MapSegment(segments[i], base, file, path);
  }
  Call(SYS_close, file);
  return {base + header.e_entry, base + header.e_phoff, header.e_phnum};
}

// Enters the loader with its own arguments before those of the program.
[[noreturn]] void Enter(const Loader& loader, const ProgramStack& stack,
                        const char* const* own, size_t own_count) {
  const size_t passed = stack.argument_count > 0 ? stack.argument_count - 1 : 0;
  const auto environment_words = static_cast<size_t>(
      reinterpret_cast<uintptr_t*>(stack.vector) - stack.environment);
  const size_t words =
      1 + own_count + passed + 1 + environment_words + 2 * stack.vector_count;
  // Aligned as the loader, like any program, finds its stack.
  auto* const start = static_cast<uintptr_t*>(
      __builtin_alloca_with_align(words * sizeof(uintptr_t), 128));
  uintptr_t* next = start;
  *next++ = own_count + passed;
  for (size_t i = 0; i < own_count; ++i)
    *next++ = reinterpret_cast<uintptr_t>(own[i]);
  for (size_t i = 0; i < passed; ++i) *next++ = stack.arguments[i + 1];
  *next++ = 0;
  for (size_t i = 0; i < environment_words; ++i) *next++ = stack.environment[i];
  for (size_t i = 0; i < stack.vector_count; ++i) {
    const Elf64_auxv_t& entry = stack.vector[i];
    *next++ = entry.a_type;
    // As for a program that is executed itself, by which the loader knows.
    switch (entry.a_type) {
      case AT_PHDR:
        *next++ = loader.program_headers;
        break;
      case AT_PHNUM:
        *next++ = loader.program_header_count;
        break;
      case AT_ENTRY:
        *next++ = loader.entry;
        break;
      case AT_BASE:
        *next++ = 0;
        break;
      default:
        *next++ = entry.a_un.a_val;
    }
  }
  asm volatile(
      "mov %0, %%rsp\n"
      "xor %%edx, %%edx\n"  // No function to call at exit.
      "xor %%ebp, %%ebp\n"
      "jmp *%1\n"
      :
      : "r"(start), "r"(loader.entry)
      : "memory");
  __builtin_unreachable();
}

// Where the program begins; the stack is as the kernel has set it up.
extern "C" [[noreturn]] void Start(uintptr_t* kernel_stack) {
  const ProgramStack stack(kernel_stack);
  Path self;
  FindSelf(stack, &self);
  // FOLDER/bin/NAME
  const size_t name = self.Slash(self.size());
  const size_t bin = self.Slash(name);
  Path program;
  program.Append(self.text(), bin);
  program.Append("/libexec");
  program.Append(self.text() + name);
  Path loader;
  loader.Append(self.text(), bin);
  loader.Append("/lib/ld-linux-x86-64.so.2");

  const char* const own[] = {
      loader.text(), "--inhibit-cache", "--argv0",
      stack.argument_count > 0
          ? reinterpret_cast<const char*>(stack.arguments[0])
          : program.text(),
      program.text()};
  Enter(MapLoader(loader.text()), stack, own, sizeof(own) / sizeof(own[0]));
}

}  // namespace

asm(".globl _start\n"
    "_start:\n"
    "  xor %ebp, %ebp\n"
    "  mov %rsp, %rdi\n"
    "  and $-16, %rsp\n"
    "  call Start\n");
