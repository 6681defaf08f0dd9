#include "confine.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "place.h"
#include "programs.h"

namespace sandbox {

namespace {

// Over the network namespace and the files of the sandbox.
constexpr std::uint32_t kept = 1U << CAP_NET_ADMIN | 1U << CAP_NET_RAW | 1U << CAP_DAC_OVERRIDE |
                               1U << CAP_DAC_READ_SEARCH | 1U << CAP_FOWNER | 1U << CAP_CHOWN |
                               1U << CAP_FSETID | 1U << CAP_KILL | 1U << CAP_NET_BIND_SERVICE;

bool drop_capabilities() {
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
        if ((capability >= 32 || (kept >> capability & 1) == 0) &&
            prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) {
            return false;
        }
    }
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {{kept, kept, 0}, {0, 0, 0}};
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 &&
           syscall(SYS_capset, &header, sets) == 0;
}

bool limit(__rlimit_resource_t resource, rlim_t most) {
    rlimit now{};
    if (getrlimit(resource, &now) == 0 && now.rlim_max < most) {
        most = now.rlim_max;
    }
    const rlimit wanted{most, most};
    return setrlimit(resource, &wanted) == 0;
}

// A limit of 0 would still start the program that the machine's core_pattern names (core(5)).
constexpr rlim_t no_core = 1;

bool set_limits() {
    return limit(RLIMIT_NPROC, most_processes) && limit(RLIMIT_AS, 1U << 30) &&
           limit(RLIMIT_FSIZE, 64U << 20) && limit(RLIMIT_NOFILE, 256) &&
           limit(RLIMIT_MEMLOCK, 64U << 10) && limit(RLIMIT_CORE, no_core) &&
           limit(RLIMIT_STACK, 8U << 20);
}

#if defined(__x86_64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#elif defined(__riscv)
constexpr std::uint32_t architecture = AUDIT_ARCH_RISCV64;
#elif defined(__arm__)
constexpr std::uint32_t architecture = AUDIT_ARCH_ARM;
#elif defined(__i386__)
constexpr std::uint32_t architecture = AUDIT_ARCH_I386;
#else
#error "which architecture is this? see linux/audit.h"
#endif

// Calls that no firewall script makes, and that could lead out, or into corners of the kernel.
constexpr int forbidden[] = {
    SYS_unshare,
    SYS_setns,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_open_tree,
    SYS_move_mount,
    SYS_mount_setattr,
    SYS_fsopen,
    SYS_fsmount,
    SYS_fsconfig,
    SYS_fspick,
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    SYS_pidfd_getfd,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_reboot,
    SYS_kexec_load,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
    SYS_quotactl,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_syslog,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_personality,
    SYS_memfd_secret,
    SYS_vhangup,
    // Memory that would be nobody's, and so not counted.
    SYS_memfd_create,
    SYS_shmget,
    SYS_msgget,
    SYS_mq_open,
#ifdef SYS_socketcall
    SYS_socketcall,
#endif
};

// A filter for system calls (seccomp(2)), built from the end: a test knows how far it has to jump.
class Filter {
public:
    Filter() {
        load(offsetof(seccomp_data, arch));
        unless_equal(architecture, SECCOMP_RET_ERRNO | ENOSYS);
        load(offsetof(seccomp_data, nr));
#ifdef __x86_64__
        if_at_least(0x40000000, SECCOMP_RET_ERRNO | ENOSYS);  // the x32 form of all calls
#endif
        for (const int call : forbidden) {
            if_equal(static_cast<std::uint32_t>(call), SECCOMP_RET_ERRNO | EPERM);
        }
        // The C library makes do with clone, whose flags can be looked at.
        if_equal(SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
        limit_clone();
        limit_sockets();
        add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }

    [[nodiscard]] bool install() {
        const sock_fprog program{static_cast<unsigned short>(code_.size()), code_.data()};
        return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
    }

private:
    void add(int code, std::uint32_t k, std::uint8_t yes = 0, std::uint8_t no = 0) {
        code_.push_back({static_cast<std::uint16_t>(code), yes, no, k});
    }
    void load(std::size_t offset) {
        add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
    }
    // The low half of an argument: all that is looked at here is 32 bits wide.
    void load_argument(std::size_t index) {
        const std::size_t low = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;
        load(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t) + low);
    }
    void if_equal(std::uint32_t value, std::uint32_t verdict) {
        add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
        add(BPF_RET | BPF_K, verdict);
    }
    void unless_equal(std::uint32_t value, std::uint32_t verdict) {
        add(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
        add(BPF_RET | BPF_K, verdict);
    }
    void if_at_least(std::uint32_t value, std::uint32_t verdict) {
        add(BPF_JMP | BPF_JGE | BPF_K, value, 0, 1);
        add(BPF_RET | BPF_K, verdict);
    }

    // No namespaces within the sandbox: they would come with all privileges.
    void limit_clone() {
        constexpr std::uint32_t spaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
                                         CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
        add(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4);
        load_argument(0);
        add(BPF_JMP | BPF_JSET | BPF_K, spaces, 0, 1);
        add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
        load(offsetof(seccomp_data, nr));
    }

    // Sockets of the sandbox's own network alone. A local one reaches through the file system,
    // whatever network one is in, to the session's bus or a container daemon; one that is half of a
    // pair can't if it is a stream. Rules of today's packet filter would go unnoticed, and other
    // families could have the kernel load their modules.
    void limit_sockets() {
        constexpr std::uint32_t netlink_route = 0;
        constexpr std::uint32_t netlink_sock_diag = 4;
        constexpr std::uint32_t refused = SECCOMP_RET_ERRNO | EACCES;
        add(BPF_JMP | BPF_JEQ | BPF_K, SYS_socketpair, 0, 5);
        load_argument(1);
        add(BPF_ALU | BPF_AND | BPF_K, 0xf);  // without SOCK_CLOEXEC and the like
        unless_equal(SOCK_STREAM, refused);
        load(offsetof(seccomp_data, nr));
        add(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 15);
        load_argument(0);
        for (const int family : {AF_INET, AF_INET6, AF_PACKET}) {
            if_equal(static_cast<std::uint32_t>(family), SECCOMP_RET_ALLOW);
        }
        unless_equal(AF_NETLINK, refused);
        load_argument(2);
        for (const std::uint32_t protocol : {netlink_route, netlink_sock_diag}) {
            if_equal(protocol, SECCOMP_RET_ALLOW);
        }
        add(BPF_RET | BPF_K, refused);
    }

    std::vector<sock_filter> code_;
};

// A named pipe can be written to even where nothing else can: whoever reads it outside would hear
// from the script. Landlock (landlock(7), Linux 5.13) keeps it to what is the sandbox's own; where
// the kernel has none, this gap stays.
void write_in_own_folders_only() {
    const auto version =
        syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    const std::uint64_t move = version >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0;
    landlock_ruleset_attr wanted{};
    wanted.handled_access_fs = LANDLOCK_ACCESS_FS_WRITE_FILE | move;
    const auto rules =
        static_cast<int>(syscall(SYS_landlock_create_ruleset, &wanted, sizeof wanted, 0));
    for (const char* folder : own_folders) {
        landlock_path_beneath_attr rule{};
        rule.allowed_access = wanted.handled_access_fs;
        rule.parent_fd = open(folder, O_PATH | O_CLOEXEC);
        (void)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
        close(rule.parent_fd);
    }
    (void)syscall(SYS_landlock_restrict_self, rules, 0);
    close(rules);
}

}  // namespace

fw::Status confine() {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !drop_capabilities()) {
        return failed("", "privileges can't be dropped");
    }
    write_in_own_folders_only();
    if (!set_limits()) {
        return failed("", "limits can't be set");
    }
    return Filter().install() ? fw::Status(fw::Done{})
                              : failed("", "system calls can't be filtered");
}

}  // namespace sandbox
