// Form fields: a label that stays, a hint before the answer, a fault after it.

import type { HTMLInputAutoCompleteAttribute, ReactNode } from "react";
import { useId } from "react";
import {
  Checkbox as AriaCheckbox,
  TextField as AriaTextField,
  FieldError,
  Input,
  Label,
  Radio,
  RadioGroup,
  Text,
  TextArea,
} from "react-aria-components";
import "./field.css";

type FieldProps = {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly fault?: string | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly required?: boolean;
};

type TextFieldProps = FieldProps & {
  readonly type?: "text" | "password" | "email" | "search";
  readonly autoComplete?: HTMLInputAutoCompleteAttribute;
  readonly mono?: boolean;
  readonly rows?: number;
  readonly maxLength?: number;
  readonly autoFocus?: boolean;
};

export function TextField(props: TextFieldProps): ReactNode {
  const {
    label,
    hint,
    fault,
    value,
    onChange,
    required = false,
    type = "text",
    autoComplete,
    mono = false,
    rows,
    maxLength,
    autoFocus = false,
  } = props;
  const look = mono ? "field-box mono" : "field-box";
  return (
    <AriaTextField
      className="field"
      value={value}
      onChange={onChange}
      isRequired={required}
      validationBehavior="aria"
      isInvalid={fault !== undefined}
      type={type}
      autoFocus={autoFocus}
      {...(autoComplete === undefined ? {} : { autoComplete })}
      {...(maxLength === undefined ? {} : { maxLength })}
    >
      <Label className="field-label">{label}</Label>
      {hint !== undefined && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      {rows === undefined ? (
        <Input className={look} spellCheck={mono ? false : undefined} />
      ) : (
        <TextArea className={look} rows={rows} />
      )}
      <FieldError className="field-fault">{fault}</FieldError>
    </AriaTextField>
  );
}

export type Choice = { readonly value: string; readonly word: string; readonly says?: string };

export function SelectField({
  label,
  hint,
  fault,
  value,
  onChange,
  required = false,
  choices,
}: FieldProps & { readonly choices: readonly Choice[] }): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {hint !== undefined && (
        <span className="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      <select
        id={id}
        className="field-box"
        value={value}
        required={required}
        aria-invalid={fault !== undefined}
        aria-describedby={
          [hint === undefined ? "" : `${id}-hint`, fault === undefined ? "" : `${id}-fault`].join(" ").trim() ||
          undefined
        }
        onChange={(event) => onChange(event.target.value)}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.word}
          </option>
        ))}
      </select>
      {fault !== undefined && (
        <span className="field-fault" id={`${id}-fault`}>
          {fault}
        </span>
      )}
    </div>
  );
}

export function ChoiceField({
  label,
  value,
  onChange,
  choices,
  labelled = true,
}: Omit<FieldProps, "hint" | "fault"> & {
  readonly choices: readonly Choice[];
  /** False where a heading right above says the same. */
  readonly labelled?: boolean;
}): ReactNode {
  return (
    <RadioGroup className="field" value={value} onChange={onChange}>
      <Label className={labelled ? "field-label" : "hidden-text"}>{label}</Label>
      <div className="choices">
        {choices.map((choice) => (
          <Radio key={choice.value} value={choice.value} className="choice">
            <span className="choice-mark" aria-hidden="true" />
            <span>
              <span className="choice-word">{choice.word}</span>
              {choice.says !== undefined && <span className="choice-says">{choice.says}</span>}
            </span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}

type CheckFieldProps = {
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
  readonly children: ReactNode;
  readonly fault?: string | undefined;
};

export function CheckField({ value, onChange, children, fault }: CheckFieldProps): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <AriaCheckbox
        className="check"
        isSelected={value}
        onChange={onChange}
        isInvalid={fault !== undefined}
        {...(fault === undefined ? {} : { "aria-describedby": id })}
      >
        <svg className="check-mark" viewBox="0 0 20 20" aria-hidden="true">
          <path d="M5 10.5l3.5 3.5L15 7" />
        </svg>
        <span>{children}</span>
      </AriaCheckbox>
      {fault !== undefined && (
        <span className="field-fault" id={id}>
          {fault}
        </span>
      )}
    </div>
  );
}
