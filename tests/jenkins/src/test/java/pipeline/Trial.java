package pipeline;

import groovy.lang.Closure;
import com.lesfurets.jenkins.unit.BasePipelineTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One run of the real Jenkinsfile, and what it did: stages, shell lines with their environment, messages, archives. */
final class Trial extends BasePipelineTest {

    /** What a shell line does: its exit code and standard output. */
    interface Shell {
        Result run(String line, Map<String, String> environment);
    }

    record Result(int status, String output) {}

    record Line(String text, String stage, String container, Map<String, String> environment) {}

    final List<String> stages = new ArrayList<>();
    final List<Line> lines = new ArrayList<>();
    final List<String> archived = new ArrayList<>();
    final List<String> pods = new ArrayList<>();
    final List<String> secrets = new ArrayList<>();
    final Map<String, Integer> minutes = new LinkedHashMap<>();
    final Map<String, Object> parameters = new HashMap<>();
    final Map<String, String> environment = new HashMap<>();
    boolean runsAlone;
    Throwable failure;

    private final Map<String, String> inherited = new HashMap<>();
    private final Shell shell;
    private String container = "";

    Trial(Shell shell) throws Exception {
        this.shell = shell;
        setScriptRoots(new String[] {root().toString()});
        setScriptExtension("");
        setUp();
        parameters.putAll(Map.of("VERSION", "2", "CONTEXT", "prod", "SHOP", "", "RELEASE_NAME", "", "NAMESPACE", "",
            "INGRESS_DOMAIN", "shop.example", "REGISTRY", "registry.example/team", "PUSH", true, "SHIFT", true));
        environment.putAll(Map.of("JOB_NAME", "shop", "BUILD_NUMBER", "7"));
        allow();
    }

    static Path root() {
        return Path.of("").toAbsolutePath().getParent().getParent();
    }

    /** Run the whole file; what it ended with is in `failure`. */
    Trial run() {
        getBinding().setVariable("params", parameters);
        getBinding().setVariable("env", environment);
        getBinding().setVariable("POD_LABEL", "pod");
        getBinding().setVariable("scm", "this commit");
        try {
            runScript("Jenkinsfile");
        } catch (Throwable thrown) {
            failure = thrown;
        }
        return this;
    }

    List<String> told() {
        return lines.stream().map(Line::text).toList();
    }

    private void allow() {
        on("properties", List.class, given -> given);
        on("disableConcurrentBuilds", () -> runsAlone = true);
        on("parameters", List.class, given -> given);
        for (String kind : List.of("choice", "string", "booleanParam", "file", "usernamePassword")) {
            on(kind, Map.class, given -> given);
        }
        getHelper().registerAllowedMethod("podTemplate", List.of(Map.class, Closure.class), closure((Object[] given) -> {
            pods.add(String.valueOf(((Map<?, ?>) given[0]).get("yaml")));
            return call(given[1]);
        }));
        inside("node", String.class, (label, body) -> call(body));
        inside("container", String.class, (name, body) -> {
            container = (String) name;
            return call(body);
        });
        inside("stage", String.class, (name, body) -> {
            stages.add((String) name);
            return call(body);
        });
        inside("timeout", Map.class, (limit, body) -> {
            minutes.put(stages.get(stages.size() - 1), (Integer) ((Map<?, ?>) limit).get("time"));
            return call(body);
        });
        inside("withEnv", List.class, (pairs, body) -> with((List<?>) pairs, body));
        inside("withCredentials", List.class, (wanted, body) -> {
            for (Object each : (List<?>) wanted) {
                secrets.add(String.valueOf(((Map<?, ?>) each).get("credentialsId")));
            }
            return call(body);
        });
        on("checkout", Object.class, given -> null);
        on("sh", String.class, given -> {
            ask((String) given, false);
            return null;
        });
        on("sh", Map.class, given -> {
            Map<?, ?> asked = (Map<?, ?>) given;
            Result result = ask((String) asked.get("script"), Boolean.TRUE.equals(asked.get("returnStatus")));
            return Boolean.TRUE.equals(asked.get("returnStdout")) ? result.output() : (Object) result.status();
        });
        on("junit", Map.class, given -> archived.add(String.valueOf(((Map<?, ?>) given).get("testResults"))));
        on("archiveArtifacts", Map.class, given -> archived.add(String.valueOf(((Map<?, ?>) given).get("artifacts"))));
    }

    private Result ask(String line, boolean mayFail) {
        String stage = stages.isEmpty() ? "" : stages.get(stages.size() - 1);
        lines.add(new Line(line, stage, container, new HashMap<>(inherited)));
        Result result = shell.run(line, inherited);
        if (result.status() != 0 && !mayFail) {
            throw new IllegalStateException("script returned exit code " + result.status() + ": " + line);
        }
        return result;
    }

    private Object with(List<?> pairs, Object body) {
        Map<String, String> before = new HashMap<>(inherited);
        for (Object pair : pairs) {
            String[] parts = String.valueOf(pair).split("=", 2);
            inherited.put(parts[0], parts[1]);
        }
        try {
            return call(body);
        } finally {
            inherited.clear();
            inherited.putAll(before);
        }
    }

    private interface One {
        Object does(Object given);
    }

    private interface Two {
        Object does(Object given, Object body);
    }

    private interface Many {
        Object does(Object... given);
    }

    private void on(String name, Class<?> kind, One does) {
        getHelper().registerAllowedMethod(name, List.of(kind), closure((Object... given) -> does.does(given[0])));
    }

    private void on(String name, Runnable does) {
        getHelper().registerAllowedMethod(name, List.of(), closure((Object... given) -> {
            does.run();
            return name;
        }));
    }

    private void inside(String name, Class<?> kind, Two does) {
        Many both = (Object... given) -> does.does(given[0], given[1]);
        getHelper().registerAllowedMethod(name, List.of(kind, Closure.class), closure(both));
    }

    private static Object call(Object body) {
        return ((Closure<?>) body).call();
    }

    private Closure<Object> closure(Many does) {
        return new Closure<Object>(this) {
            @Override
            public Object call(Object... given) {
                return does.does(given);
            }

            @SuppressWarnings("unused")
            public Object doCall(Object... given) {
                return does.does(given);
            }
        };
    }
}
