'use client';
import type { Field, Values } from '../../lib/job-types.ts';

interface PayloadFieldsProps {
  fields: Field[];
  values: Values;
  setValues(values: Values): void;
}

export function PayloadFields({ fields, values, setValues }: PayloadFieldsProps) {
  return (
    <div className="fields">
      {fields.map((field) => (
        // biome-ignore lint/a11y/noLabelWithoutControl: Entry is the control
        <label key={field.name} className={field.wide ? 'field wide' : 'field'}>
          {field.label}
          <Entry
            field={field}
            value={values[field.name] ?? ''}
            change={(value) => setValues({ ...values, [field.name]: value })}
          />
          {field.hint && <span className="hint">{field.hint}</span>}
        </label>
      ))}
    </div>
  );
}

function Entry({ field, value, change }: { field: Field; value: string; change(value: string): void }) {
  if (field.kind === 'choice') {
    return (
      <select value={value} onChange={(event) => change(event.target.value)}>
        {field.options?.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    );
  }
  if (field.kind === 'text' || field.kind === 'number') {
    return (
      <input
        type={field.kind}
        min={field.kind === 'number' ? 1 : undefined}
        required={field.required}
        value={value}
        onChange={(event) => change(event.target.value)}
      />
    );
  }
  return (
    <textarea
      rows={field.kind === 'lines' ? 3 : 2}
      spellCheck={false}
      required={field.required}
      value={value}
      onChange={(event) => change(event.target.value)}
    />
  );
}
